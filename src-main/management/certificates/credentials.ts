import type { Tls, WorkspaceDocument } from '@shared/workspace'
import { splitCredentials, type Credentials } from '../../certificates/pem'

/** Ids of the sealed credentials of HTTPS; a certificate and its key are one value, so that they are replaced together. */
export const AUTHORITY = 'tls/authority'
export const LOCAL = 'tls/local'
export const OWN = 'tls/own'

/** The credentials under an id; undefined when there are none, or none that can be opened here. */
export function credentialsIn(
  { resolve }: { resolve(text: string): string | undefined },
  id: string,
): Credentials | undefined {
  const text = resolve(`secret://gatehouse/${id}`)
  return text === undefined ? undefined : splitCredentials(text)
}

/** Whose certificate is served; undefined while no server speaks HTTPS. */
export function servedCertificate({ tls }: Pick<WorkspaceDocument, 'tls'>): Tls['certificate'] | undefined {
  return tls !== undefined && (tls.gateway || tls.authorization) ? tls.certificate : undefined
}
