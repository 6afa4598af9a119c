import { isDeepStrictEqual } from 'node:util'
import type { ClaimRequest, Login, RequestedClaims } from '../grants/user-grant'
import type { Reason } from '../http/oauth-refusal'

/**
 * What of the parameter `claims` this login does not meet, so that no token may be given for it: `sub` with the value of another user
 * (OpenID Connect Core §5.5.1, §3.1.2.2), or an essential `acr` with other values than the login has (§5.5.1.1). Undefined when it
 * meets all: everything else that cannot be told is simply left out of the answer.
 */
export function unmetClaims(requested: RequestedClaims | undefined, login: Login): Reason | undefined {
  for (const asked of [requested?.id_token, requested?.userinfo]) {
    if (asked === undefined) continue
    if (!isMet(own(asked, 'sub'), login.userId)) {
      return {
        key: 'CLAIMS_OTHER_SUBJECT',
        sentence: 'The parameter claims asks for one certain user by sub, and another one is logged in',
        source: 'OpenID Connect Core §5.5.1',
      }
    }
    const acr = own(asked, 'acr')
    if (acr?.essential === true && !isMet(acr, login.acr)) {
      return {
        key: 'CLAIMS_ACR_NOT_MET',
        sentence: 'The parameter claims demands an authentication context (acr) that this login does not have',
        source: 'OpenID Connect Core §5.5.1.1',
        evidence: [{ label: 'acr of the login', value: login.acr ?? 'none' }],
      }
    }
  }
  return undefined
}

/** The names of all claims that are asked for, each once: for the page where the user consents. */
export function requestedClaimNames(requested: RequestedClaims | undefined): readonly string[] {
  const members = [requested?.id_token, requested?.userinfo]
  return [...new Set(members.flatMap((asked) => Object.keys(asked ?? {})))]
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
