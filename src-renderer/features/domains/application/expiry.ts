const DAY = 86_400

/** How long a new secret lasts, in seconds; undefined: for ever. */
export const lifetimes = [
  { value: 'never', label: 'Does not end', seconds: undefined },
  { value: '7', label: 'In 7 days', seconds: 7 * DAY },
  { value: '30', label: 'In 30 days', seconds: 30 * DAY },
  { value: '90', label: 'In 90 days', seconds: 90 * DAY },
  { value: '365', label: 'In a year', seconds: 365 * DAY },
  { value: 'day', label: 'On a day…', seconds: undefined },
] as const

export type Lifetime = (typeof lifetimes)[number]['value']

/** When a secret ends, as a person chooses it. */
export interface Ending {
  lifetime: Lifetime
  /** The last day on which it is good, as yyyy-mm-dd, where the lifetime is `day`. */
  day: string
}

export const never = (): Ending => ({ lifetime: 'never', day: '' })

/** What is wrong with a choice; undefined when nothing is. */
export function endingError({ lifetime, day }: Ending): string | undefined {
  if (lifetime !== 'day') return undefined
  const end = endOf(day).getTime()
  if (Number.isNaN(end)) return 'Choose the last day on which it is good.'
  return end <= Date.now() ? 'That day is over. Choose today or a later one.' : undefined
}

/** The moment of the choice, as ISO 8601; undefined for a secret that does not end. The choice has no error. */
export function momentOf({ lifetime, day }: Ending): string | undefined {
  if (lifetime === 'day') return endOf(day).toISOString()
  const seconds = lifetimes.find(({ value }) => value === lifetime)?.seconds
  return seconds === undefined ? undefined : new Date(Date.now() + seconds * 1000).toISOString()
}

/** The end of a day where the person is. */
const endOf = (day: string) => new Date(`${day}T23:59:59.999`)

/** How long the secret before stays valid when it is replaced, in seconds. */
export const overlaps = [
  { value: 0, label: 'At once', description: 'Programs that use it get no more tokens until they have the new one.' },
  { value: 3600, label: 'In an hour', description: '' },
  { value: DAY, label: 'In a day', description: '' },
  { value: 7 * DAY, label: 'In 7 days', description: '' },
] as const
