import { hash, timingSafeEqual } from 'node:crypto'
import type { CompiledApplication } from '../compiled-domain'
import type { CodeGrant } from '../codes/authorization-codes'
import type { Call } from '../http/endpoint'
import { malformed } from '../http/oauth-refusal'
import { invalidGrant } from './grant-user'

/** RFC 7636 §4.1 */
const VERIFIER = /^[\w.~-]{43,128}$/

/**
 * Checks that whoever redeems a code is who asked for it (RFC 7636 §4.6). A verifier where the request had no challenge is refused too: the
 * challenge may have been stripped from it (RFC 9700 §4.8.2).
 *
 * @throws OAuthRefusal
 */
export function verifyCodeVerifier(
  { form, report }: Pick<Call, 'form' | 'report'>,
  { snapshot: { name, demandsPkce } }: CompiledApplication,
  challenge: CodeGrant['codeChallenge'],
): void {
  const verifier = form.get('code_verifier')
  if (challenge === undefined) {
    if (verifier !== undefined) {
      throw invalidGrant('The authorization request had no code_challenge, and there is a code_verifier', {
        key: 'CODE_VERIFIER_UNEXPECTED',
        sentence: `Application ${name} sent a code_verifier, but its authorization request had no code_challenge: somebody may have taken it out`,
        source: 'RFC 9700 §4.8.2',
      })
    }
    if (demandsPkce) {
      throw invalidGrant('The authorization request had no code_challenge', {
        key: 'CODE_WITHOUT_PKCE',
        sentence: `Application ${name} has to use PKCE, and this code was asked for without`,
        source: 'RFC 9700 §2.1.1',
      })
    }
    report.trace?.passed('PKCE', 'Not used, and not demanded of the application')
    return
  }
  if (verifier === undefined) {
    throw invalidGrant('The parameter code_verifier is missing', {
      key: 'CODE_VERIFIER_MISSING',
      sentence: `The authorization request of application ${name} had a code_challenge, and there is no code_verifier for it`,
      source: 'RFC 7636 §4.6',
    })
  }
  if (!VERIFIER.test(verifier)) {
    throw malformed('CODE_VERIFIER_MALFORMED', 'code_verifier takes 43 to 128 of the characters A-Z a-z 0-9 - . _ ~', {
      source: 'RFC 7636 §4.1',
      evidence: [{ label: 'Length', value: String(verifier.length) }],
    })
  }
  const made = challenge.method === 'S256' ? hash('sha256', verifier, 'base64url') : verifier
  if (!isSame(made, challenge.value)) {
    throw invalidGrant('The code_verifier does not fit the code_challenge', {
      key: 'CODE_VERIFIER_WRONG',
      sentence: `The code_verifier does not fit the code_challenge that application ${name} sent: it is another request's, or somebody else's code`,
      source: 'RFC 7636 §4.6',
      evidence: [{ label: 'code_challenge_method', value: challenge.method }],
    })
  }
  report.trace?.passed('PKCE', `The code_verifier fits the code_challenge (${challenge.method})`)
}

function isSame(made: string, expected: string): boolean {
  const [a, b] = [Buffer.from(made), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
