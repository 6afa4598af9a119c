import { sameContent } from './canonical'

/** How two versions of a list go together; indexes into each. */
export interface Matching {
  readonly pairs: readonly { readonly before: number; readonly after: number; readonly moved: boolean }[]
  readonly removed: readonly number[]
  readonly added: readonly number[]
}

/**
 * Pairs the entries of two versions of a list: the equal ones first, then those that are the same by the first of
 * `likenesses`, then by the next. An entry has moved when its order among those that stayed is another.
 */
export function matchLists<T>(
  before: readonly T[],
  after: readonly T[],
  likenesses: readonly ((entry: T) => unknown)[],
): Matching {
  const partner = new Map<number, number>() // after → before
  const taken = new Set<number>()
  const pairUp = (alike: (a: T, b: T) => boolean) => {
    for (const [a, entry] of after.entries()) {
      if (partner.has(a)) continue
      const b = before.findIndex((candidate, index) => !taken.has(index) && alike(candidate, entry))
      if (b < 0) continue
      partner.set(a, b)
      taken.add(b)
    }
  }
  pairUp(sameContent)
  for (const likeness of likenesses)
    pairUp((a, b) => likeness(a) !== undefined && sameContent(likeness(a), likeness(b)))

  const ordered = [...partner].sort(([a], [b]) => a - b)
  const stayed = longestRising(ordered.map(([, b]) => b))
  return {
    pairs: ordered.map(([a, b]) => ({ before: b, after: a, moved: !stayed.has(b) })),
    removed: [...before.keys()].filter((index) => !taken.has(index)),
    added: [...after.keys()].filter((index) => !partner.has(index)),
  }
}

/** The members of a longest rising subsequence: as few entries as can be count as moved. */
function longestRising(values: readonly number[]): Set<number> {
  let best: number[] = []
  const endingAt: number[][] = []
  for (const [index, value] of values.entries()) {
    let longest: number[] = []
    for (let earlier = 0; earlier < index; earlier++)
      if (values[earlier]! < value && endingAt[earlier]!.length > longest.length) longest = endingAt[earlier]!
    endingAt[index] = [...longest, value]
    if (endingAt[index].length > best.length) best = endingAt[index]
  }
  return new Set(best)
}
