const DAY = 86_400

/** How long a new secret lasts, in seconds; undefined: for ever. */
export const lifetimes = [
  { value: 'never', label: 'Does not end', seconds: undefined },
  { value: '7', label: 'In 7 days', seconds: 7 * DAY },
  { value: '30', label: 'In 30 days', seconds: 30 * DAY },
  { value: '90', label: 'In 90 days', seconds: 90 * DAY },
  { value: '365', label: 'In a year', seconds: 365 * DAY },
] as const

export type Lifetime = (typeof lifetimes)[number]['value']

/** The moment that is so far from now, as ISO 8601; undefined for a secret that does not end. */
export function momentOf(lifetime: Lifetime): string | undefined {
  const seconds = lifetimes.find(({ value }) => value === lifetime)?.seconds
  return seconds === undefined ? undefined : new Date(Date.now() + seconds * 1000).toISOString()
}

/** How long the secret before stays valid when it is replaced, in seconds. */
export const overlaps = [
  { value: 0, label: 'At once', description: 'Programs that use it get no more tokens until they have the new one.' },
  { value: 3600, label: 'In an hour', description: '' },
  { value: DAY, label: 'In a day', description: '' },
  { value: 7 * DAY, label: 'In 7 days', description: '' },
] as const
