import type { ClaimRequest, RequestedClaims } from '../../grants/user-grant'
import { malformed, type OAuthRefusal } from '../../http/oauth-refusal'

/** Names in one member; more is nobody's wish but a burden. */
const MOST_CLAIMS = 100
/** Levels within a claim's value. */
const DEEPEST = 8

/**
 * Reads the parameter `claims` (OpenID Connect Core §5.5). Members that are not understood are left out, as §5.5.1 wants it; what a known
 * member must not be is an error.
 *
 * @throws OAuthRefusal `invalid_request`
 */
export function readRequestedClaims(text: string): RequestedClaims {
  const whole = parse(text)
  if (!isObject(whole)) throw wrong('CLAIMS_NOT_AN_OBJECT', 'The parameter claims must be a JSON object')
  const idToken = readMember(whole, 'id_token')
  const userinfo = readMember(whole, 'userinfo')
  return {
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(userinfo === undefined ? {} : { userinfo }),
  }
}

function readMember(
  whole: Readonly<Record<string, unknown>>,
  member: 'id_token' | 'userinfo',
): Readonly<Record<string, ClaimRequest>> | undefined {
  const asked = own(whole, member)
  if (asked === undefined || asked === null) return undefined
  if (!isObject(asked)) throw wrong('CLAIMS_MEMBER_WRONG', `In claims, ${member} must be an object`)
  const entries = Object.entries(asked)
  if (entries.length > MOST_CLAIMS) {
    throw wrong('CLAIMS_TOO_MANY', `In claims, ${member} may ask for ${MOST_CLAIMS} claims at the most`)
  }
  return Object.fromEntries(entries.map(([name, request]) => [name, readRequest(member, request)]))
}

function readRequest(member: string, request: unknown): ClaimRequest {
  if (request === null) return null
  if (!isObject(request)) {
    throw wrong('CLAIMS_REQUEST_WRONG', `In claims, each claim of ${member} must be null or an object`)
  }
  const [essential, value, values] = [own(request, 'essential'), own(request, 'value'), own(request, 'values')]
  if (essential !== undefined && typeof essential !== 'boolean') {
    throw wrong('CLAIMS_ESSENTIAL_WRONG', 'In claims, essential must be true or false')
  }
  if (values !== undefined && !Array.isArray(values)) {
    throw wrong('CLAIMS_VALUES_WRONG', 'In claims, values must be a list')
  }
  if (isDeeper(value, DEEPEST) || isDeeper(values, DEEPEST)) {
    throw wrong('CLAIMS_TOO_DEEP', `In claims, a value may be ${DEEPEST} levels deep at the most`)
  }
  return {
    ...(essential === undefined ? {} : { essential }),
    ...(value === undefined ? {} : { value }),
    ...(values === undefined ? {} : { values }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrong('CLAIMS_NOT_JSON', 'The parameter claims is not JSON')
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(key: string, description: string): OAuthRefusal {
  return malformed(key, description, { source: 'OpenID Connect Core §5.5' })
}
