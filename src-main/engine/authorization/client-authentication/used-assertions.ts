import { hash } from 'node:crypto'
import { createTurns, type State } from '../../state'

/** Which assertions were used already: each is good once, also after a restart (RFC 7523 §3, item 7). */
export interface UsedAssertions {
  /**
   * Takes note of an assertion; that is on the disk when this resolves. False when it was used before, also by a call at the same time.
   *
   * @param expiresAt milliseconds since the epoch: it is not taken any more then, and forgotten
   */
  use(domainId: string, clientId: string, assertionId: string, expiresAt: number): Promise<boolean>
}

export function createUsedAssertions(state: State): UsedAssertions {
  const inTurn = createTurns()
  return {
    use(domainId, clientId, assertionId, expiresAt) {
      // Neither of the two has a NUL: together they are nobody else's.
      const key = `assertion/${domainId}/${hash('sha256', `${clientId}\0${assertionId}`, 'base64url')}`
      return inTurn(key, async () => {
        if ((await state.get(key)) !== undefined) return false
        await state.put(key, '', { expiresAt })
        return true
      })
    },
  }
}
