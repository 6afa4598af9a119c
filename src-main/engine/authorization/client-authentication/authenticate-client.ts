import { hash, timingSafeEqual } from 'node:crypto'
import type { Evidence } from '@shared/traffic'
import type { CompiledApplication, CompiledDomain, CompiledSecret } from '../compiled-domain'
import { OAuthRefusal, type Reason } from '../http/oauth-refusal'
import { BASIC_CHALLENGE } from './credentials'

/** Compared against for ids that nobody has, so that they take as long as ids that somebody has. */
const NOBODY: CompiledSecret = { id: '', digest: secretDigest(''), expiresAt: Infinity }

/** SHA-256 of a secret: all of one length, as the constant-time comparison needs it. */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/**
 * Finds the application that has these credentials (RFC 6749 §2.3). The caller learns only that they are wrong; what is wrong
 * with them is for the person at the window.
 *
 * @param now milliseconds since the epoch
 * @throws OAuthRefusal 401 `invalid_client`
 */
export function authenticateClient(
  domain: CompiledDomain,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
  now: number,
): CompiledApplication {
  const application = domain.applications.get(clientId)
  const given = secretDigest(clientSecret)
  const secret = matchingSecret(application, given)
  const shownId = clientId.slice(0, 64)
  if (application === undefined) {
    throw wrongClient({
      key: 'CLIENT_UNKNOWN',
      sentence: `No application of domain ${domain.snapshot.name} has the client id ${shownId}`,
      evidence: [
        ...ownerEvidence(ownerOf(domain, given)),
        { label: 'Client id', value: shownId },
        { label: 'Applications of the domain', value: String(domain.applications.size) },
      ],
    })
  }
  const { name, enabled } = application.snapshot
  const evidence = [
    { label: 'Client id', value: clientId },
    { label: 'Application', value: name },
  ]
  const openApplication = (label: string): Pick<Reason, 'remedies'> => ({
    remedies: [{ action: 'open-application', label, domainPath: domain.snapshot.path, clientId }],
  })
  if (secret === undefined) {
    const owner = ownerOf(domain, given)
    throw wrongClient({
      key: 'CLIENT_SECRET_WRONG',
      sentence:
        owner === undefined
          ? `The secret is not that of application ${name}`
          : `The secret is that of application ${owner.snapshot.name}, not of ${name}`,
      evidence: [...evidence, ...ownerEvidence(owner)],
      ...openApplication('Renew its secret'),
    })
  }
  if (secret.expiresAt <= now) {
    const at = new Date(secret.expiresAt).toISOString()
    throw wrongClient({
      key: 'CLIENT_SECRET_EXPIRED',
      sentence: `The secret is one of application ${name} that expired at ${at}`,
      evidence: [...evidence, { label: 'Expired at', value: at }],
      ...openApplication('Renew its secret'),
    })
  }
  if (!enabled) {
    throw wrongClient({
      key: 'APPLICATION_DISABLED',
      sentence: `Application ${name} is disabled`,
      evidence,
      ...openApplication('Enable the application'),
    })
  }
  return application
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

function wrongClient(reason: Reason): OAuthRefusal {
  const told = { source: 'RFC 6749 §5.2', ...reason }
  return new OAuthRefusal(401, 'invalid_client', 'Client authentication failed', told, BASIC_CHALLENGE)
}
