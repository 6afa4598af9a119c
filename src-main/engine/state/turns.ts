/** Lets the work on one key run one after the other, while that on other keys goes on. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** For reading and then writing an entry of the state, where nobody may come in between. Work that fails lets the next begin. */
export function createTurns(): InTurn {
  /** The last work of each key that is under way. */
  const underWay = new Map<string, Promise<unknown>>()

  return (key, work) => {
    const turn = (underWay.get(key) ?? Promise.resolve()).then(work, work)
    underWay.set(key, turn)
    const forget = () => {
      if (underWay.get(key) === turn) underWay.delete(key)
    }
    turn.then(forget, forget)
    return turn
  }
}
