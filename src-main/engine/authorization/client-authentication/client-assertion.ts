import { timingSafeEqual } from 'node:crypto'
import type { Evidence } from '@shared/traffic'
import { keyFits, neededKey, type SigningAlgorithm } from '@shared/signing-key'
import type { CompiledApplication, CompiledSecret } from '../compiled-domain'
import type { Call } from '../http/endpoint'
import type { OAuthRefusal } from '../http/oauth-refusal'
import { decodeJson, refusedMember, splitJws, type CompactJws } from '../tokens/compact-jws'
import { isMac, macOf } from '../tokens/id-token-signer'
import { algorithmOf, type ClientKey } from './client-keys'
import { contradictingId, type AssertionCredentials } from './credentials'
import type { UsedAssertions } from './used-assertions'
import { aboutApplication, disabledApplication, unknownClient, wrongClient, wrongMethod } from './wrong-client'

/** An application that has proved who it is by an assertion, and what it was signed with. */
export interface AssertionIssuer {
  readonly application: CompiledApplication
  readonly method: 'client_secret_jwt' | 'private_key_jwt'
  readonly signedWith: Evidence
}

/** Seconds that the clocks of client and server may differ. */
const LEEWAY_SECONDS = 5
/** Seconds from now that an assertion may be good for: it is remembered for as long. */
const MOST_SECONDS_AHEAD = 600
/** Endpoints whose address may stand as audience beside the issuer's (RFC 7523 §3, RFC 9126 §2). */
const AUDIENCE_ENDPOINTS = ['token', 'par', 'introspect', 'revoke'] as const
/** What an assertion may call itself; it need not. */
const TYPES: readonly unknown[] = [undefined, 'JWT', 'client-authentication+jwt']

/**
 * Checks the JWT by which a client says who it is (RFC 7521 §4.2, RFC 7523 §3, OpenID Connect Core §9). The key is the client's own,
 * chosen by `kid` among those that the application has here; what the JWT says of keys is never followed.
 *
 * @throws OAuthRefusal 401 `invalid_client`; 400 `invalid_request` when `client_id` names another client
 */
export async function authenticateByAssertion(
  call: Call,
  { assertion, clientId }: AssertionCredentials,
  used: UsedAssertions,
): Promise<AssertionIssuer> {
  const domain = call.domain.snapshot
  const { jws, header, claims } = read(assertion)
  const { sub } = claims
  if (typeof sub !== 'string' || sub === '') {
    throw flawed('SUBJECT_MISSING', 'The assertion has no sub, which is to be the client id', [])
  }
  call.report.client(sub)
  if (clientId !== undefined && clientId !== sub) throw contradictingId('the assertion')
  const application = call.domain.applications.get(sub)
  if (application === undefined) throw wrongClient(unknownClient(domain, sub))
  const { snapshot } = application

  const algorithm = algorithmOf(header.alg)
  if (algorithm === undefined) {
    const shown = shownOf(header.alg)
    const sentence = `The assertion is signed by alg ${shown}, which is none that an assertion can be signed by here`
    throw flawed('ALGORITHM_UNSUPPORTED', sentence, [{ label: 'alg', value: shown }], 'RFC 8725 §3.2')
  }
  const method = isMac(algorithm) ? 'client_secret_jwt' : 'private_key_jwt'
  if (!snapshot.authenticationMethods.includes(method)) throw wrongClient(wrongMethod(domain, snapshot, method))
  const tell = (key: string, sentence: string, label: string, further: readonly Evidence[] = []): OAuthRefusal => {
    const { evidence, remedies } = aboutApplication(domain, snapshot, label)
    return wrongClient({ key, sentence, source: 'RFC 7523 §3', evidence: [...evidence, ...further], remedies })
  }
  const signedWith =
    method === 'client_secret_jwt'
      ? { label: 'Secret', value: signingSecret(application, algorithm, jws, call.now, tell).name }
      : { label: 'Key', value: signingKey(application, algorithm, jws, header.kid, tell).kid ?? 'without kid' }
  if (!snapshot.enabled) throw wrongClient(disabledApplication(domain, snapshot))

  const { id, expiresAt } = requireFit(call, snapshot.clientId, claims)
  if (!(await used.use(domain.id, snapshot.clientId, id, expiresAt + LEEWAY_SECONDS * 1000))) {
    const sentence = `The assertion was used before: each needs a jti of its own`
    throw flawed('REPLAYED', sentence, [{ label: 'jti', value: shownOf(id) }], 'RFC 7523 §3, item 7')
  }
  return { application, method, signedWith }
}

type Members = Readonly<Record<string, unknown>>

function read(assertion: string): { readonly jws: CompactJws; readonly header: Members; readonly claims: Members } {
  const jws = splitJws(assertion)
  const header = jws && decodeJson(jws.header)
  const claims = jws && decodeJson(jws.payload)
  if (jws === undefined || !isObject(header) || !isObject(claims)) {
    const value = String(assertion.split('.').length)
    throw flawed('UNREADABLE', 'The assertion is not a signed JWT', [{ label: 'Parts between dots', value }])
  }
  const refused = refusedMember(header)
  if (refused !== undefined) {
    const sentence = `The header of the assertion carries ${refused}, which is never followed: keys are those of the application`
    throw flawed('HEADER_REFUSED', sentence, [{ label: 'Header member', value: refused }], 'RFC 8725 §3.10')
  }
  if (!TYPES.includes(header.typ)) {
    const evidence = [{ label: 'typ', value: shownOf(header.typ) }]
    throw flawed('TYPE_WRONG', 'The assertion is a JWT of another type', evidence, 'RFC 8725 §3.11')
  }
  return { jws, header, claims }
}

type Tell = (key: string, sentence: string, label: string, evidence?: readonly Evidence[]) => OAuthRefusal

/** The secret whose octets made the MAC. Compares with every one that may, so that the time taken does not tell which. */
function signingSecret(
  { snapshot, secrets }: CompiledApplication,
  algorithm: SigningAlgorithm,
  { signingInput, signature }: CompactJws,
  now: number,
  tell: Tell,
): CompiledSecret {
  const given = Buffer.from(signature)
  let found: CompiledSecret | undefined
  let longEnough = 0
  for (const [index, { secret }] of snapshot.secrets.entries()) {
    if (!keyFits(algorithm, { kty: 'oct', bits: Buffer.byteLength(secret) * 8 })) continue
    longEnough++
    const expected = Buffer.from(macOf(algorithm, secret, signingInput))
    if (given.length === expected.length && timingSafeEqual(given, expected)) found ??= secrets[index]
  }
  const { name } = snapshot
  if (longEnough === 0) {
    const sentence = `${algorithm} needs ${neededKey(algorithm)} (RFC 7518 §3.2), and application ${name} has none`
    throw tell('ASSERTION_SECRET_TOO_SHORT', sentence, 'Renew its secret')
  }
  if (found === undefined) {
    const sentence = `The assertion is not signed with a secret of application ${name}`
    throw tell('ASSERTION_SIGNATURE_WRONG', sentence, 'Renew its secret', [{ label: 'alg', value: algorithm }])
  }
  if (found.expiresAt <= now) {
    const at = new Date(found.expiresAt).toISOString()
    const sentence = `The assertion is signed with a secret of application ${name} that expired at ${at}`
    throw tell('CLIENT_SECRET_EXPIRED', sentence, 'Renew its secret', [{ label: 'Secret', value: found.name }])
  }
  return found
}

/** The key that made the signature: the one of that `kid`, or, when none is named, whichever fits. */
function signingKey(
  { snapshot: { name }, publicKeys }: CompiledApplication,
  algorithm: SigningAlgorithm,
  { signingInput, signature }: CompactJws,
  kid: unknown,
  tell: Tell,
): ClientKey {
  const candidates = kid === undefined ? publicKeys : publicKeys.filter((key) => key.kid === kid)
  const kids = publicKeys.map((key) => key.kid ?? 'one without kid').join(', ')
  const evidence = [
    { label: 'kid of the assertion', value: kid === undefined ? 'none' : shownOf(kid) },
    { label: 'Keys of the application', value: kids.slice(0, 512) || 'none' },
    { label: 'alg', value: algorithm },
  ]
  if (candidates.length === 0) {
    const sentence =
      publicKeys.length === 0
        ? `Application ${name} has no public key to check the assertion with`
        : `The assertion is signed with key ${shownOf(kid)}, which application ${name} does not have`
    throw tell('ASSERTION_KEY_UNKNOWN', sentence, 'Add the public key', evidence)
  }
  const verifiers = candidates.flatMap((key) => {
    const verify = key.verifiers.get(algorithm)
    return verify === undefined ? [] : [{ key, verify }]
  })
  if (verifiers.length === 0) {
    const sentence = `The assertion is signed by ${algorithm}, and the key of application ${name} is not for that algorithm`
    throw tell('ASSERTION_ALGORITHM_WRONG', sentence, 'Look at its public keys', evidence)
  }
  const found = verifiers.find(({ verify }) => verify(signingInput, signature))
  if (found !== undefined) return found.key
  const sentence = `The assertion is not signed with the private key of application ${name}`
  throw tell('ASSERTION_SIGNATURE_WRONG', sentence, 'Look at its public keys', evidence)
}

/** Checks the claims of an assertion whose signature is right. Answers its id, and when it ends in milliseconds since the epoch. */
function requireFit(
  { issuer, now }: Call,
  clientId: string,
  { iss, aud, exp, iat, nbf, jti }: Members,
): { readonly id: string; readonly expiresAt: number } {
  if (iss !== clientId) {
    const evidence = [{ label: 'iss', value: shownOf(iss) }]
    throw flawed('ISSUER_WRONG', 'The iss of the assertion is not the client id, as its sub is', evidence)
  }
  requireAudience(issuer, aud)
  const seconds = now / 1000
  if (!isTime(exp)) throw flawed('WITHOUT_EXPIRY', 'The assertion has no exp, or one that is no number of seconds', [])
  const times = [
    { label: 'exp', value: instant(exp) },
    { label: 'Now', value: instant(seconds) },
  ]
  if (exp + LEEWAY_SECONDS <= seconds) {
    throw flawed('EXPIRED', `The assertion expired ${Math.floor(seconds - exp)} s ago`, times)
  }
  if (exp > seconds + MOST_SECONDS_AHEAD + LEEWAY_SECONDS) {
    const sentence = `The assertion is good for more than ${MOST_SECONDS_AHEAD / 60} minutes from now, which is not taken`
    throw flawed('TOO_LONG', sentence, times)
  }
  for (const [name, time] of Object.entries({ nbf, iat })) {
    if (time === undefined) continue
    if (isTime(time) && time <= seconds + LEEWAY_SECONDS) continue
    const value = isTime(time) ? instant(time) : shownOf(time)
    const sentence = `The ${name} of the assertion lies in the future: do the clocks of client and server agree?`
    throw flawed('NOT_YET_VALID', sentence, [{ label: name, value }, ...times.slice(1)])
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > 512 || jti.includes('\0')) {
    throw flawed('WITHOUT_ID', 'The assertion has no jti, or none of at most 512 characters: it is good once only', [])
  }
  return { id: jti, expiresAt: exp * 1000 }
}

/** Every audience must be an address of this domain: what another server may take too could have come from there. */
function requireAudience(issuer: string, aud: unknown): void {
  const oauth = issuer.replace(/\/oidc$/, '/oauth')
  const own: readonly unknown[] = [issuer, ...AUDIENCE_ENDPOINTS.map((endpoint) => `${oauth}/${endpoint}`)]
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (audiences.length > 0 && audiences.every((audience) => own.includes(audience))) return
  throw flawed(
    'AUDIENCE_WRONG',
    'The aud of the assertion is neither the issuer nor the token endpoint of this domain',
    [
      { label: 'aud', value: audiences.map(shownOf).join(', ').slice(0, 512) },
      { label: 'Issuer', value: issuer },
      { label: 'Token endpoint', value: `${oauth}/token` },
    ],
  )
}

function flawed(key: string, sentence: string, evidence: readonly Evidence[], source = 'RFC 7523 §3'): OAuthRefusal {
  return wrongClient({ key: `ASSERTION_${key}`, sentence, source, evidence })
}

/** A number of seconds since the epoch that is a date (RFC 7519 §2, NumericDate). */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 1e11
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

function shownOf(value: unknown): string {
  if (value === undefined) return 'none'
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 128)
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
