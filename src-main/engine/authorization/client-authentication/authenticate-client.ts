import { hash, timingSafeEqual } from 'node:crypto'
import type { Evidence } from '@shared/traffic'
import type { CompiledApplication, CompiledDomain, CompiledSecret } from '../compiled-domain'
import type { SecretCredentials } from './credentials'
import { aboutApplication, disabledApplication, unknownClient, wrongClient, wrongMethod } from './wrong-client'

/** An application that has proved who it is, and the secret that it did it with. */
export interface SecretHolder {
  readonly application: CompiledApplication
  readonly secret: CompiledSecret
}

/** Compared against for ids that nobody has, so that they take as long as ids that somebody has. */
const NOBODY: CompiledSecret = { id: '', name: '', digest: secretDigest(''), expiresAt: Infinity }

/** SHA-256 of a secret: all of one length, as the constant-time comparison needs it. */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/**
 * Finds the application that has these credentials and sends them as it is set to (RFC 6749 §2.3).
 *
 * @param now milliseconds since the epoch
 * @throws OAuthRefusal 401 `invalid_client`
 */
export function authenticateClient(
  compiled: CompiledDomain,
  { clientId, clientSecret, method }: SecretCredentials,
  now: number,
): SecretHolder {
  const { snapshot: domain } = compiled
  const given = secretDigest(clientSecret)
  const application = compiled.applications.get(clientId)
  const secret = matchingSecret(application, given)
  if (application === undefined) {
    const { evidence, ...reason } = unknownClient(domain, clientId)
    throw wrongClient({ ...reason, evidence: [...ownerEvidence(ownerOf(compiled, given)), ...evidence] })
  }
  const { snapshot } = application
  if (!snapshot.authenticationMethods.includes(method)) throw wrongClient(wrongMethod(domain, snapshot, method))
  if (secret === undefined) {
    const owner = ownerOf(compiled, given)
    const { evidence, remedies } = aboutApplication(domain, snapshot, 'Renew its secret')
    throw wrongClient({
      key: 'CLIENT_SECRET_WRONG',
      sentence:
        owner === undefined
          ? `The secret is not that of application ${snapshot.name}`
          : `The secret is that of application ${owner.snapshot.name}, not of ${snapshot.name}`,
      evidence: [...evidence, ...ownerEvidence(owner)],
      remedies,
    })
  }
  if (secret.expiresAt <= now) {
    const at = new Date(secret.expiresAt).toISOString()
    const { evidence, remedies } = aboutApplication(domain, snapshot, 'Renew its secret')
    throw wrongClient({
      key: 'CLIENT_SECRET_EXPIRED',
      sentence: `The secret is one of application ${snapshot.name} that expired at ${at}`,
      evidence: [...evidence, { label: 'Expired at', value: at }, { label: 'Secret', value: secret.name }],
      remedies,
    })
  }
  if (!snapshot.enabled) throw wrongClient(disabledApplication(domain, snapshot))
  return { application, secret }
}

/** Compares with every secret, so that the time taken does not tell which one it was. */
function matchingSecret(application: CompiledApplication | undefined, given: Buffer): CompiledSecret | undefined {
  let found: CompiledSecret | undefined
  for (const secret of application?.secrets ?? [NOBODY]) if (timingSafeEqual(given, secret.digest)) found ??= secret
  return application === undefined ? undefined : found
}

/** Whose secret was sent by mistake. Every secret of the domain is compared, whether it is found or not. */
function ownerOf(domain: CompiledDomain, given: Buffer): CompiledApplication | undefined {
  let owner: CompiledApplication | undefined
  for (const each of domain.applications.values()) if (matchingSecret(each, given) !== undefined) owner ??= each
  return owner
}

function ownerEvidence(owner: CompiledApplication | undefined): Evidence[] {
  return owner === undefined ? [] : [{ label: 'The secret is that of', value: owner.snapshot.name }]
}
