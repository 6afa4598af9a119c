import type { CertificateFacts } from '@shared/certificates'

/** The common name in a certificate's subject or issuer; the whole when it has none. */
export function commonName(name: string): string {
  return /(?:^|, )CN=([^,]*)/.exec(name)?.[1] ?? name
}

/** Whether a certificate is for a host that servers listen on; for every address of the machine when they listen on all. */
export function isFor({ names }: Pick<CertificateFacts, 'names'>, host: string): boolean {
  const asked = host === '0.0.0.0' || host === '::' ? 'localhost' : host.toLowerCase()
  return names.includes(asked)
}
