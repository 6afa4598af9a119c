import { X509Certificate } from 'node:crypto'
import type { CertificateFacts } from '@shared/certificates'

/** What a certificate says, for a person. @param pem the first certificate in it is read; throws when there is none */
export function certificateFacts(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem)
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesOf(certificate),
    fingerprint: certificate.fingerprint256,
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  }
}

/** The DNS names and addresses that a certificate is for. */
export function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):("[^"]*"|[^,]*)/g)].map(([, name = '']) =>
    canonicalName(name.replace(/^"|"$/g, '')),
  )
}

/** A name or address as it is compared: IPv6 in its shortest form, names in small letters. */
export function canonicalName(name: string): string {
  if (!name.includes(':')) return name.toLowerCase()
  return URL.canParse(`http://[${name}]`) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase()
}

/** Node tells one part of a name a line. */
export const oneLine = (name: string) => name.split('\n').join(', ')
