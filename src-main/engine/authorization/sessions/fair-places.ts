/**
 * A number of places for things that strangers start and that last for a while. When all are taken, the oldest thing of whoever has most of
 * them makes room: so a flood from one place costs those of others nothing. What is finished goes before all that is under way.
 */
export interface FairPlaces {
  /**
   * Gives a thing a place, after those whose time is over have left theirs; answers those that made room for it. What is in a place already
   * is not given another one.
   *
   * @param at when it began, milliseconds since the epoch
   */
  take(thing: string, whose: string, at: number): readonly string[]
  has(thing: string): boolean
  finish(thing: string): void
  leave(thing: string): void
}

/** @param lastsMs how long a thing may keep its place, milliseconds */
export function createFairPlaces(most: number, lastsMs: number): FairPlaces {
  /** By thing, oldest first. */
  const taken = new Map<string, { readonly whose: string; readonly until: number }>()
  /** The things of each, oldest first. */
  const underWay = new Map<string, Set<string>>()
  const finished = new Set<string>()

  function leave(thing: string): void {
    const place = taken.get(thing)
    if (place === undefined) return
    taken.delete(thing)
    finished.delete(thing)
    removeUnderWay(thing, place.whose)
  }

  function leaveEnded(now: number): void {
    for (const [thing, { until }] of taken) {
      if (until > now) return
      leave(thing)
    }
  }

  function removeUnderWay(thing: string, whose: string): void {
    const things = underWay.get(whose)
    things?.delete(thing)
    if (things?.size === 0) underWay.delete(whose)
  }

  function nextToGo(): string | undefined {
    const [done] = finished
    if (done !== undefined) return done
    let largest: ReadonlySet<string> = new Set()
    for (const things of underWay.values()) if (things.size > largest.size) largest = things
    const [oldest] = largest
    return oldest
  }

  return {
    take(thing, whose, at) {
      leaveEnded(at)
      if (taken.has(thing)) return []
      const gone: string[] = []
      while (taken.size >= most) {
        const next = nextToGo()
        if (next === undefined) break
        leave(next)
        gone.push(next)
      }
      taken.set(thing, { whose, until: at + lastsMs })
      const things = underWay.get(whose)
      if (things === undefined) underWay.set(whose, new Set([thing]))
      else things.add(thing)
      return gone
    },
    has: (thing) => taken.has(thing),
    finish(thing) {
      const place = taken.get(thing)
      if (place === undefined) return
      removeUnderWay(thing, place.whose)
      finished.add(thing)
    },
    leave,
  }
}
