import { isDeepStrictEqual } from 'node:util'
import type { ClaimRequest, RequestedClaims } from '../grants/user-grant'
import type { Reason } from '../http/oauth-refusal'
import { isTokenClaim } from './user-claims'

/**
 * Why no token may be given for this user: the parameter `claims` asks for another one by `sub` (OpenID Connect Core §5.5.1, §3.1.2.2).
 * Undefined when it does not; like an `acr` that is not met, and unlike everything else that cannot be told and is simply left out.
 */
export function otherSubject(requested: RequestedClaims | undefined, userId: string): Reason | undefined {
  if (members(requested).every((asked) => isMet(own(asked, 'sub'), userId))) return undefined
  return {
    key: 'CLAIMS_OTHER_SUBJECT',
    sentence: 'The parameter claims asks for one certain user by sub, and another one is logged in',
    source: 'OpenID Connect Core §5.5.1',
  }
}

/**
 * Why no token may be given for logins of this `acr`: the parameter `claims` demands another one as essential (OpenID Connect Core
 * §5.5.1.1). One that is only wished for, also by `acr_values`, is no condition.
 */
export function unmetAcr(requested: RequestedClaims | undefined, acr: string): Reason | undefined {
  const asked = members(requested).map((each) => own(each, 'acr'))
  if (asked.every((request) => request?.essential !== true || isMet(request, acr))) return undefined
  return {
    key: 'CLAIMS_ACR_NOT_MET',
    sentence: 'The parameter claims demands an authentication context (acr) that no login here has',
    source: 'OpenID Connect Core §5.5.1.1',
    evidence: [{ label: 'acr of a login', value: acr }],
  }
}

/** The names of all claims of the user that are asked for, each once: for the page where the user consents. */
export function requestedClaimNames(requested: RequestedClaims | undefined): readonly string[] {
  const names = members(requested).flatMap((asked) => Object.keys(asked))
  return [...new Set(names)].filter((name) => !isTokenClaim(name))
}

function members({ id_token: idToken = {}, userinfo = {} }: RequestedClaims = {}) {
  return [idToken, userinfo]
}

function own(asked: Readonly<Record<string, ClaimRequest>>, name: string): ClaimRequest | undefined {
  return Object.hasOwn(asked, name) ? asked[name] : undefined
}

/** Without a value, any one will do. */
function isMet(request: ClaimRequest | undefined, actual: unknown): boolean {
  if (request === undefined || request === null) return true
  const { value, values = value === undefined ? undefined : [value] } = request
  return values === undefined || values.some((wanted) => isDeepStrictEqual(wanted, actual))
}
