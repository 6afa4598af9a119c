import { noteByHand } from '../audit/note-by-hand'
import type { Context } from '../context'
import { domainOf } from '../lookup'

/**
 * Takes back what users have let applications have, since their passwords are others now: who knows the old one may have got it
 * (RFC 9700 §4.14.2). Sessions end by themselves, for they are bound to the password.
 *
 * @param why for the audit log
 * @returns how many grants that were; undefined when the engine does not run, so that they are still there
 */
export async function endTokens(
  { store, engine, audit }: Pick<Context, 'store' | 'engine' | 'audit'>,
  domainId: string,
  userIds: readonly string[],
  why: string,
): Promise<number | undefined> {
  if (userIds.length === 0) return 0
  const revoked = await engine.administer('revokeUsers', { domainId, userIds }).catch(() => undefined)
  if (revoked === undefined || revoked === 0) return revoked
  const [userId] = userIds
  const grants = revoked === 1 ? '1 grant was' : `${revoked} grants were`
  const whose = userIds.length === 1 && userId !== undefined ? { userId } : {}
  noteByHand(audit, domainOf(store, domainId), `${why}: ${grants} revoked with all tokens`, whose)
  return revoked
}
