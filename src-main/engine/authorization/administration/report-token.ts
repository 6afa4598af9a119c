import type { TokenReport } from '@shared/live'
import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import type { FoundRefreshToken, TokenFamilies } from '../grants/token-families'
import { clientIdOf, type AccessTokenClaims } from '../tokens/access-token'
import { decodeJson, splitJws } from '../tokens/compact-jws'
import { mayBeRefreshToken } from '../tokens/inspect-refresh-token'
import { userFlaw, type TokenInspector } from '../tokens/inspect-token'

/** Everything that the domain knows of a token, for the person who has it. The token itself is not repeated. */
export async function reportToken(
  domain: CompiledDomain,
  domains: CompiledDomains,
  { families, inspector }: { readonly families: TokenFamilies; readonly inspector: TokenInspector },
  token: string,
): Promise<TokenReport> {
  const refresh = mayBeRefreshToken(token) ? await families.findByRefreshToken(domain.snapshot.id, token) : undefined
  return refresh === undefined ? accessToken(domain, domains, inspector, token) : refreshToken(domain, refresh)
}

function accessToken(
  domain: CompiledDomain,
  domains: CompiledDomains,
  inspector: TokenInspector,
  token: string,
): TokenReport {
  const inspection = inspector.inspect(domain, domains, token, Date.now())
  const jws = splitJws(token)
  const [header, payload] = [decodeJson(jws?.header ?? ''), decodeJson(jws?.payload ?? '')]
  const told = {
    ...(isObject(header) ? { header } : {}),
    ...(isObject(payload) ? { claims: payload } : {}),
  }
  if (!inspection.active) {
    const { reason, evidence, claims } = inspection
    const kind = claims === undefined ? 'unknown' : 'access token'
    return { kind, active: false, sentence: reason, evidence: [...evidence], ...told, ...whoseOf(domain, claims) }
  }
  const { claims } = inspection
  const evidence = [{ label: 'Expires at', value: new Date(claims.exp * 1000).toISOString() }]
  return { kind: 'access token', active: true, sentence: 'It is good', evidence, ...told, ...whoseOf(domain, claims) }
}

function whoseOf(domain: CompiledDomain, claims: AccessTokenClaims | undefined) {
  if (claims === undefined) return {}
  const user = domain.users.get(claims.sub)
  return { clientId: clientIdOf(claims), ...(user === undefined ? {} : { userId: user.id, username: user.username }) }
}

function refreshToken(domain: CompiledDomain, { family, expiresAt, spentAt }: FoundRefreshToken): TokenReport {
  const { grant, revoked } = family
  const username = domain.users.get(grant.userId)?.username
  const whose = { clientId: grant.clientId, userId: grant.userId, ...(username === undefined ? {} : { username }) }
  const scopes = { label: 'Scopes', value: grant.scopes.join(' ') || 'none' }
  const told = (active: boolean, sentence: string, at?: number): TokenReport => ({
    kind: 'refresh token',
    active,
    sentence,
    evidence: [
      ...(at === undefined ? [] : [{ label: active ? 'Expires at' : 'At', value: new Date(at).toISOString() }]),
      scopes,
    ],
    ...whose,
  })
  if (revoked !== undefined)
    return told(false, `It was revoked with all tokens of its grant. ${revoked.why}`, revoked.at)
  if (spentAt !== undefined) return told(false, 'It was exchanged for another one', spentAt)
  const flaw = userFlaw(domain, grant.userId)
  return flaw === undefined ? told(true, 'It is good', expiresAt) : told(false, flaw.reason)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
