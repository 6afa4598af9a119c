import type { DictionarySnapshot } from '../snapshot'

/** The values that expressions of every API can read, as they are now: a change of them needs no deployment. */
export interface Dictionaries {
  readonly byKey: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** What no record may show: also secrets from before, which a request may still be under way with. */
  readonly secretValues: readonly string[]
}

export const NO_DICTIONARIES: Dictionaries = { byKey: new Map(), secretValues: [] }

/** @param before what they take the place of */
export function indexDictionaries(
  given: readonly DictionarySnapshot[],
  before: Dictionaries = NO_DICTIONARIES,
): Dictionaries {
  const secrets = given.flatMap(({ secretValues }) => secretValues)
  return {
    byKey: new Map(given.map(({ key, values }) => [key, values])),
    secretValues: [...new Set([...secrets, ...before.secretValues])],
  }
}
