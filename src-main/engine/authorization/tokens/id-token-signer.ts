import { createHmac } from 'node:crypto'
import { keyFits, signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import { OAuthRefusal } from '../http/oauth-refusal'
import type { JwtSigner } from './sign-jwt'

/**
 * What signs ID tokens for an application so that it can check them: a key pair of the domain, whose public part is in the JWK set, or
 * the client's own secret (OpenID Connect Core §10.1). A secret of the domain signs none: nobody else knows it. Undefined when there is neither.
 *
 * @param now milliseconds since the epoch
 */
export function idTokenSigner(
  domain: CompiledDomain,
  application: CompiledApplication,
  now: number,
): JwtSigner | undefined {
  const wanted = application.snapshot.signingAlgorithm
  if (wanted !== undefined && isMac(wanted)) return clientSecretSigner(application, wanted, now) ?? anyKeyPair(domain)
  const key = (wanted === undefined ? undefined : domain.signingKeys.get(wanted)) ?? domain.activeKey
  if (!isMac(key.algorithm)) return key
  return anyKeyPair(domain) ?? clientSecretSigner(application, 'HS256', now)
}

/**
 * The same, for where an ID token is about to be promised or made.
 *
 * @throws OAuthRefusal 400 `unauthorized_client`
 */
export function requireIdTokenSigner(domain: CompiledDomain, application: CompiledApplication, now: number): JwtSigner {
  const signer = idTokenSigner(domain, application, now)
  if (signer !== undefined) return signer
  const { name } = application.snapshot
  throw new OAuthRefusal(400, 'unauthorized_client', 'This server has no key to sign an ID token for the client', {
    key: 'ID_TOKEN_KEY_MISSING',
    sentence: `Domain ${domain.snapshot.name} has no key pair to sign ID tokens with, and application ${name} has no secret that could stand in: it could check none of them`,
    source: 'OpenID Connect Core §10.1',
    evidence: [
      { label: 'Algorithms of the active keys', value: [...domain.signingKeys.keys()].join(', ') },
      { label: 'Application', value: name },
    ],
    remedies: [{ action: 'open-keys', label: 'Add a key, such as RS256', domainPath: domain.snapshot.path }],
  })
}

/** RS256 where there is one, since it is what clients expect that were told nothing (OpenID Connect Core §3.1.3.7). */
function anyKeyPair({ signingKeys }: CompiledDomain): JwtSigner | undefined {
  return signingKeys.get('RS256') ?? [...signingKeys.values()].find(({ algorithm }) => !isMac(algorithm))
}

/** A signature by the client's secret (OpenID Connect Core §10.1); undefined when it has none that may sign. */
export function clientSecretSigner(
  application: CompiledApplication,
  algorithm: SigningAlgorithm,
  now: number,
): JwtSigner | undefined {
  const [secret] = clientSecretKeys(application, algorithm, now)
  if (secret === undefined) return undefined
  return { algorithm, sign: (signingInput) => macOf(algorithm, secret, signingInput) }
}

/** The application's secrets that may be keys of a MAC, the newest first: not expired, and long enough (RFC 7518 §3.2). */
export function clientSecretKeys(
  { snapshot }: CompiledApplication,
  algorithm: SigningAlgorithm,
  now: number,
): readonly string[] {
  if (!snapshot.authenticationMethods.some((method) => method.startsWith('client_secret'))) return []
  return snapshot.secrets
    .filter(({ expiresAt = Infinity }) => now < expiresAt)
    .map(({ secret }) => secret)
    .filter((secret) => keyFits(algorithm, { kty: 'oct', bits: Buffer.byteLength(secret) * 8 }))
}

export function isMac(algorithm: SigningAlgorithm): boolean {
  return signingAlgorithms[algorithm].kty === 'oct'
}

/** The octets of the secret's UTF-8 form are the key (OpenID Connect Core §10.1). */
export function macOf(algorithm: SigningAlgorithm, secret: string, signingInput: string): string {
  const traits = signingAlgorithms[algorithm]
  if (traits.kty !== 'oct') throw new Error(`${algorithm} is not a MAC`)
  return createHmac(traits.hash, secret).update(signingInput).digest('base64url')
}
