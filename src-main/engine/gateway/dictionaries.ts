import type { DictionarySnapshot } from '../snapshot'

/** The values that expressions of every API can read, as they are now: a change of them needs no deployment. */
export interface Dictionaries {
  readonly byKey: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** What no record may show: also secrets from before, which a request may still be under way with. */
  readonly secretValues: readonly string[]
  /** Those from before, with when each was replaced, milliseconds of `performance.now`. */
  readonly replacedAt: ReadonlyMap<string, number>
}

/** How long a secret that was replaced is kept out of records: longer than requests are under way. Milliseconds. */
const KEPT_MS = 10 * 60_000

export const NO_DICTIONARIES: Dictionaries = { byKey: new Map(), secretValues: [], replacedAt: new Map() }

/** @param before what they take the place of */
export function indexDictionaries(
  given: readonly DictionarySnapshot[],
  before: Dictionaries = NO_DICTIONARIES,
): Dictionaries {
  const now = performance.now()
  const secrets = new Set(given.flatMap(({ secretValues }) => secretValues))
  const earlier = before.secretValues.map((secret): [string, number] => [secret, before.replacedAt.get(secret) ?? now])
  const replacedAt = new Map(earlier.filter(([secret, at]) => !secrets.has(secret) && now - at < KEPT_MS))
  return {
    byKey: new Map(given.map(({ key, values }) => [key, values])),
    secretValues: [...secrets, ...replacedAt.keys()],
    replacedAt,
  }
}
