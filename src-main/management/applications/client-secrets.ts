import { randomBytes } from 'node:crypto'
import type { Application } from '@shared/domain'
import { formatSecretReference, parseSecretReference } from '@shared/secret-reference'

/** Where the main secret of an application is sealed. It stays there when it is rotated, so that APIs that refer to it follow. */
export function applicationSecretId(applicationId: string): string {
  return `application/${applicationId}`
}

/** Where a further secret is sealed. */
export function furtherSecretId(applicationId: string, secretId: string): string {
  return `${applicationSecretId(applicationId)}/${secretId}`
}

export function sealedReference(sealedId: string): string {
  return formatSecretReference({ provider: 'gatehouse', path: sealedId })
}

/**
 * 384 bits (RFC 6749 §10.10 asks for 128 at least), in characters that need no encoding in a form or a header: 64 of them, so that it is long
 * enough a key for each MAC, also HS512 (RFC 7518 §3.2).
 */
export function newClientSecret(): string {
  return randomBytes(48).toString('base64url')
}

/** Where the secrets of an application are sealed; not those from the environment, nor what a file may name beside its own. */
export function sealedSecretIds({ id, furtherSecrets = [] }: Application): string[] {
  const further = furtherSecrets.flatMap(({ secret }) => ownSealedId(id, secret) ?? [])
  return [applicationSecretId(id), ...further]
}

/** Where a reference of the application's says that a further secret of its own is sealed; undefined when it says something else. */
export function ownSealedId(applicationId: string, reference: string): string | undefined {
  const parsed = parseSecretReference(reference)
  const isOwn = parsed?.provider === 'gatehouse' && parsed.path.startsWith(`${applicationSecretId(applicationId)}/`)
  return isOwn ? parsed.path : undefined
}

/** The application without any secret. */
export function withoutSecrets(application: Application): Application {
  const {
    clientSecret: _secret,
    clientSecretName: _name,
    clientSecretCreatedAt: _created,
    clientSecretExpiresAt: _expires,
    furtherSecrets: _further,
    ...rest
  } = application
  return rest
}

/** A main secret as the document keeps it. */
export interface MainSecret {
  /** A reference. */
  readonly secret: string
  readonly name?: string | undefined
  readonly createdAt: string
  readonly expiresAt?: string | undefined
}

/** The application with another main secret. */
export function withMainSecret(
  application: Application,
  { secret, name, createdAt, expiresAt }: MainSecret,
): Application {
  const { clientSecretName: _name, clientSecretExpiresAt: _expires, ...rest } = application
  return {
    ...rest,
    clientSecret: secret,
    clientSecretCreatedAt: createdAt,
    ...(name === undefined ? {} : { clientSecretName: name }),
    ...(expiresAt === undefined ? {} : { clientSecretExpiresAt: expiresAt }),
  }
}
