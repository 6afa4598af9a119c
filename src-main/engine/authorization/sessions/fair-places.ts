/**
 * A number of places for things that strangers start. When all are taken, the oldest thing of whoever has most of them makes room: so a flood
 * from one place costs those of others nothing. What is finished goes before all that is under way.
 */
export interface FairPlaces {
  /** Gives a thing a place; answers those that made room for it. What is in a place already is not given another one. */
  take(thing: string, whose: string): readonly string[]
  has(thing: string): boolean
  finish(thing: string): void
  leave(thing: string): void
}

export function createFairPlaces(most: number): FairPlaces {
  const owners = new Map<string, string>()
  /** The things of each, oldest first. */
  const underWay = new Map<string, Set<string>>()
  const finished = new Set<string>()

  function leave(thing: string): void {
    const whose = owners.get(thing)
    if (whose === undefined) return
    owners.delete(thing)
    finished.delete(thing)
    removeUnderWay(thing, whose)
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
    take(thing, whose) {
      if (owners.has(thing)) return []
      const gone: string[] = []
      while (owners.size >= most) {
        const next = nextToGo()
        if (next === undefined) break
        leave(next)
        gone.push(next)
      }
      owners.set(thing, whose)
      const things = underWay.get(whose)
      if (things === undefined) underWay.set(whose, new Set([thing]))
      else things.add(thing)
      return gone
    },
    has: (thing) => owners.has(thing),
    finish(thing) {
      const whose = owners.get(thing)
      if (whose === undefined) return
      removeUnderWay(thing, whose)
      finished.add(thing)
    },
    leave,
  }
}
