/** Gravitee's load balancers, in words. */
export const balancers = [
  { value: 'round-robin', label: 'Each in turn' },
  { value: 'random', label: 'By chance' },
  { value: 'weighted-round-robin', label: 'Each in turn, by weight' },
  { value: 'weighted-random', label: 'By chance, by weight' },
]

/** Gravitee writes them in two ways. */
export const balancerKey = (type = 'round-robin') => type.toLowerCase().replaceAll('_', '-')

export function balancerName(type?: string): string {
  return balancers.find(({ value }) => value === balancerKey(type))?.label ?? type ?? ''
}
