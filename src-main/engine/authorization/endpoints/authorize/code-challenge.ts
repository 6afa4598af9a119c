import type { ApplicationSnapshot } from '../../../snapshot'
import type { CodeGrant } from '../../codes/authorization-codes'
import type { Form } from '../../http/form'
import { malformed, type Reason } from '../../http/oauth-refusal'

/** RFC 7636 §4.2 */
const PLAIN = /^[\w.~-]{43,128}$/
/** SHA-256, base64url without padding. */
const S256 = /^[\w-]{43}$/

/**
 * The code challenge of the request; undefined when it has none and needs none.
 *
 * @throws OAuthRefusal `invalid_request` (RFC 7636 §4.4.1)
 */
export function readCodeChallenge(
  form: Form,
  { name, demandsPkce, allowsPlainPkce }: ApplicationSnapshot,
  remedies: NonNullable<Reason['remedies']>,
): CodeGrant['codeChallenge'] {
  const value = form.get('code_challenge')
  const given = form.get('code_challenge_method')
  if (value === undefined) {
    if (given !== undefined) {
      throw wrong('CODE_CHALLENGE_MISSING', 'code_challenge_method is given without a code_challenge')
    }
    if (!demandsPkce) return undefined
    throw wrong('CODE_CHALLENGE_REQUIRED', 'The parameter code_challenge is missing: this client has to use PKCE', {
      sentence: `Application ${name} has to use PKCE, and the request has no code_challenge`,
      source: 'RFC 7636 §4.4.1, RFC 9700 §2.1.1',
      remedies,
    })
  }
  // Left out, it means plain (§4.3).
  const method = given ?? 'plain'
  if (method !== 'S256' && method !== 'plain') {
    throw wrong('CODE_CHALLENGE_METHOD_UNSUPPORTED', 'The code_challenge_method is not supported: use S256', {
      evidence: [{ label: 'code_challenge_method', value: method.slice(0, 64) }],
    })
  }
  if (method === 'plain' && !allowsPlainPkce) {
    throw wrong('CODE_CHALLENGE_PLAIN', 'The code_challenge_method must be S256', {
      sentence: `Application ${name} may not use the code challenge method plain${given === undefined ? ', which a request without code_challenge_method asks for' : ''}`,
      source: 'RFC 9700 §2.1.1',
      remedies,
    })
  }
  if ((method === 'S256' ? S256 : PLAIN).test(value)) return { method, value }
  const form43 = method === 'S256' ? '43 characters of base64url' : '43 to 128 of the characters A-Z a-z 0-9 - . _ ~'
  throw wrong('CODE_CHALLENGE_MALFORMED', `The code_challenge must be ${form43}`, {
    source: 'RFC 7636 §4.2',
    evidence: [{ label: 'Length', value: String(value.length) }],
  })
}

function wrong(key: string, description: string, reason: Partial<Reason> = {}) {
  return malformed(key, description, { source: 'RFC 7636 §4.4.1', ...reason })
}
