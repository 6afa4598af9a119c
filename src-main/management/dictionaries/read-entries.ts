import type { Property } from '@shared/api-definition'

/** More than a person reads, and a bound on what every request could have to look through. */
const MOST_ENTRIES = 5000

/** Why there are no entries, in a sentence, and what to do. */
export class NoEntries extends Error {
  constructor(
    sentence: string,
    readonly remedy = 'The address has to answer with an object of plain values, or a list of { "key": …, "value": … }.',
  ) {
    super(sentence)
  }
}

/**
 * The entries that an answer holds: `{ "blue": "…" }`, or `[{ "key": "blue", "value": "…" }]`, which is what Gravitee's
 * transformations come to. Sorted by key, so that a server's order makes no difference.
 *
 * @throws NoEntries
 */
export function readEntries(text: string): Property[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new NoEntries('The answer is not JSON')
  }
  const pairs = Array.isArray(value) ? value.map(pairOf) : isObject(value) ? Object.entries(value) : undefined
  if (pairs === undefined) throw new NoEntries('The answer is neither an object nor a list')
  if (pairs.length > MOST_ENTRIES) throw new NoEntries(`The answer has ${pairs.length} entries, and ${MOST_ENTRIES} are the most`) // prettier-ignore
  const entries = new Map(pairs.map(([key, of]) => [key, plainText(key, of)]))
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, of]) => ({ key, value: of }))
}

function pairOf(each: unknown, index: number): [string, unknown] {
  if (!isObject(each) || typeof each.key !== 'string' || each.key === '' || !('value' in each))
    throw new NoEntries(`Entry ${index + 1} of the answer has no key or no value`)
  return [each.key, each.value]
}

function plainText(key: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new NoEntries(`The value of ${key.slice(0, 100)} is no text, number or boolean`)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
