import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import type { FoundRefreshToken, TokenFamilies } from '../grants/token-families'
import { userFlaw } from './inspect-token'
import type { TokenFlaw } from './verify-signature'

/** What there is to know of a refresh token at this moment. */
export type RefreshTokenInspection =
  | { readonly active: true; readonly token: FoundRefreshToken }
  | ({ readonly active: false; readonly token: FoundRefreshToken } & TokenFlaw)

/** Access tokens have dots in them: what has none is worth a look among the refresh tokens. */
export function mayBeRefreshToken(token: string): boolean {
  return /^[\w-]{43}$/.test(token)
}

/**
 * Looks a refresh token up for the application that asks. Undefined when it is none of this domain. Another application's is told as inactive,
 * so that no API takes it for an access token.
 */
export async function inspectRefreshToken(
  families: TokenFamilies,
  domain: CompiledDomain,
  { snapshot: { name, clientId } }: CompiledApplication,
  refreshToken: string,
): Promise<RefreshTokenInspection | undefined> {
  if (!mayBeRefreshToken(refreshToken)) return undefined
  const token = await families.findByRefreshToken(domain.snapshot.id, refreshToken)
  if (token === undefined) return undefined
  const flaw = flawOf(domain, clientId, name, token)
  return flaw === undefined ? { active: true, token } : { active: false, token, ...flaw }
}

function flawOf(
  domain: CompiledDomain,
  clientId: string,
  name: string,
  { family: { grant, revoked }, spentAt }: FoundRefreshToken,
): TokenFlaw | undefined {
  if (grant.clientId !== clientId) {
    return {
      reason: `It is a refresh token, and was given to another application than ${name}: APIs take access tokens`,
      evidence: [{ label: 'Given to', value: grant.clientId }],
    }
  }
  if (revoked !== undefined) {
    const at = new Date(revoked.at).toISOString()
    const reason = `It is a refresh token that was revoked with all tokens of its grant at ${at}. ${revoked.why}`
    return { reason, evidence: [{ label: 'Revoked at', value: at }] }
  }
  if (spentAt !== undefined) {
    const at = new Date(spentAt).toISOString()
    const reason = `It is a refresh token that was exchanged for another one at ${at}`
    return { reason, evidence: [{ label: 'Exchanged at', value: at }] }
  }
  return userFlaw(domain, grant.userId)
}
