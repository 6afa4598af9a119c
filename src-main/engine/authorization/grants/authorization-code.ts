import { CODE_VALIDITY_MS, type AuthorizationCodes, type CodeGrant } from '../codes/authorization-codes'
import type { CompiledApplication } from '../compiled-domain'
import type { Call } from '../http/endpoint'
import { malformed } from '../http/oauth-refusal'
import { stored } from '../http/stored'
import type { IssuedTokens } from '../tokens/issued-tokens'
import { answerTokens, newTokens, requireSigner, type TokenOrder } from './answer-tokens'
import { verifyCodeVerifier } from './code-verifier'
import type { Grant } from './grant'
import { invalidGrant, reportRevokedGrant, requireGrantUser } from './grant-user'
import { grantResources } from './resources'
import { remainingScopes } from './scopes'
import type { TokenFamilies } from './token-families'
import type { UserGrant } from './user-grant'

/** A user has let the application have tokens, and the code says so (RFC 6749 §4.1.3, OpenID Connect Core §3.1.3). */
export function authorizationCode(codes: AuthorizationCodes, families: TokenFamilies, issued: IssuedTokens): Grant {
  return {
    grantType: 'authorization_code',
    // PKCE is demanded of them.
    acceptsPublicClients: true,
    stations: ['Code', 'PKCE', 'User', 'Scopes', 'Token'],

    async handle(call, application) {
      const code = call.form.get('code')
      if (code === undefined) throw malformed('CODE_MISSING', 'The parameter code is missing')
      const domainId = call.domain.snapshot.id
      let order: TokenOrder | undefined
      const redeemed = codes.redeem(domainId, code, (codeGrant) => {
        const fit = requireFit(call, application, codeGrant)
        const begun = families.begin(domainId, fit.grant, newTokens(call, application), call.now)
        order = { ...fit, refreshToken: begun.refreshToken }
        return begun.changes
      })
      const redemption = await stored(redeemed, 'The use of the code', 'CODE_USE', 'It can be used again')
      if (redemption.outcome === 'unknown') throw unknownCode()
      if (redemption.outcome === 'spent') {
        requireOwnCode(application, redemption.grant)
        throw await replayed(call, application, families, redemption)
      }
      if (redemption.outcome === 'revoked') {
        requireOwnCode(application, redemption.grant)
        throw revokedCode(application, redemption.at)
      }
      return answerTokens(call, application, order!, issued) // a fresh code was accepted, which made it
    },
  }
}

/** Checks all that the code is bound to, and what the tokens may be. @throws OAuthRefusal */
function requireFit(
  call: Call,
  application: CompiledApplication,
  codeGrant: CodeGrant,
): Omit<TokenOrder, 'refreshToken'> {
  requireOwnCode(application, codeGrant)
  const { redirectUri, codeChallenge, ...grant } = codeGrant
  requireSameRedirectUri(call, application, redirectUri)
  call.report.proved()
  call.report.trace?.passed('Code', 'It was given to this application, for this redirect address')
  verifyCodeVerifier(call, application, codeChallenge)
  const user = requireGrantUser(call, grant.userId)
  call.report.trace?.passed('User', `User ${user.username}, who may log in`)
  const scopes = remainingScopes(call, application, user, grant.scopes)
  const resources = grantResources(call, application, grant.resources)
  requireSigner(call, application, scopes)
  return { user, grant, scopes, resources }
}

/** RFC 6749 §4.1.3: a code is good for the client that it was given to, and for nobody else. */
function requireOwnCode({ snapshot: { name, clientId } }: CompiledApplication, grant: UserGrant): void {
  if (grant.clientId === clientId) return
  throw invalidGrant('The code was given to another client', {
    key: 'CODE_OF_ANOTHER_CLIENT',
    sentence: `Application ${name} presented a code that was given to ${grant.clientId}`,
    source: 'RFC 6749 §4.1.3',
    evidence: [{ label: 'Given to', value: grant.clientId }],
  })
}

/** RFC 6749 §4.1.3: where the authorization request named its address, the same stands here, to the letter. */
function requireSameRedirectUri(
  { form }: Call,
  { snapshot: { name, redirectUris } }: CompiledApplication,
  requested: string | undefined,
): void {
  const given = form.get('redirect_uri')
  // Left out there, it was the one that is registered.
  const isFit = requested === undefined ? given === undefined || redirectUris.includes(given) : given === requested
  if (isFit) return
  const description =
    given === undefined
      ? 'The parameter redirect_uri is missing, which the authorization request had'
      : 'The redirect_uri is not the one of the authorization request'
  throw invalidGrant(description, {
    key: given === undefined ? 'REDIRECT_URI_MISSING' : 'REDIRECT_URI_DIFFERS',
    sentence:
      given === undefined
        ? `The authorization request of application ${name} named its redirect_uri, and the token request does not repeat it`
        : `Application ${name} named another redirect_uri here than in its authorization request`,
    source: 'RFC 6749 §4.1.3',
    evidence: [
      { label: 'In the authorization request', value: requested?.slice(0, 512) ?? 'left out' },
      { label: 'Here', value: given?.slice(0, 512) ?? 'left out' },
    ],
  })
}

function unknownCode() {
  const seconds = CODE_VALIDITY_MS / 1000
  return invalidGrant('The code is unknown or has expired', {
    key: 'CODE_UNKNOWN',
    sentence: `There is no such code of this domain: it has expired after ${seconds} s, or was never given out`,
    source: 'RFC 6749 §4.1.2',
    evidence: [{ label: 'A code lasts', value: `${seconds} s` }],
  })
}

function revokedCode({ snapshot: { name } }: CompiledApplication, at: number) {
  return invalidGrant('The code was revoked', {
    key: 'CODE_REVOKED',
    sentence: `Application ${name} presented a code that was taken back before it was used, with everything else that its user or the application had got`,
    evidence: [{ label: 'Revoked at', value: new Date(at).toISOString() }],
  })
}

/** A code that comes twice has got into other hands: what came of it is taken back (RFC 6749 §4.1.2, RFC 9700 §2.1.1). */
async function replayed(
  call: Call,
  { snapshot: { name } }: CompiledApplication,
  families: TokenFamilies,
  { grant, at }: { readonly grant: UserGrant; readonly at: number },
) {
  const spentAt = new Date(at).toISOString()
  const why = `Its code, spent at ${spentAt}, was presented again`
  const revoked = families.revoke(call.domain.snapshot.id, grant.grantId, { at: call.now, why })
  await stored(revoked, 'The revocation', 'REVOCATION', 'The tokens are refused until the engine stops; try again')
  reportRevokedGrant(call, grant.userId)
  return invalidGrant('The code was used before', {
    key: 'CODE_REPLAYED',
    sentence: `Application ${name} presented a code that it had spent ${call.now - at} ms before: all tokens that came of it are revoked now`,
    source: 'RFC 6749 §4.1.2',
    evidence: [{ label: 'Spent at', value: spentAt }],
  })
}
