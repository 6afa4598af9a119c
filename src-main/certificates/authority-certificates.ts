import type { X509Certificate } from 'node:crypto'
import type { Fault } from '@shared/problem'
import { oneLine } from './facts'
import { certificateBlocks, holdsKey, NO_CERTIFICATE, readBlocks } from './read-certificates'

/**
 * The certificates of authorities in a text, each as its PEM block, checked that they can vouch for servers now. One that another
 * authority has issued is good too.
 *
 * @param now milliseconds since the epoch; when undefined, it is not asked whether they are in force
 */
export function readAuthorities(text: string, now?: number): string[] | Fault {
  if (holdsKey(text))
    return {
      message: 'This holds a private key',
      remedy: "Give the authority's certificate alone; nobody needs its key to trust it.",
    }
  const blocks = certificateBlocks(text)
  if (blocks.length === 0) return NO_CERTIFICATE
  const certificates = readBlocks(blocks)
  if ('message' in certificates) return certificates
  const [fault] = certificates.flatMap(
    (certificate) => notAnAuthority(certificate) ?? (now === undefined ? [] : (outOfForce(certificate, now) ?? [])),
  )
  return fault ?? blocks
}

/** A certificate says whether it may issue others (RFC 5280 §4.2.1.9). */
function notAnAuthority(certificate: X509Certificate): Fault | undefined {
  if (certificate.ca) return undefined
  return {
    message: `The certificate of ${nameOf(certificate)} is not that of an authority`,
    remedy: 'Give the certificate of the authority that has issued it.',
  }
}

function outOfForce(certificate: X509Certificate, now: number): Fault | undefined {
  const { validFrom, validTo } = certificate
  const name = nameOf(certificate)
  if (Date.parse(validTo) <= now)
    return {
      message: `The certificate of ${name} has expired, on ${day(validTo)}`,
      remedy: 'Give one that has been renewed.',
    }
  return Date.parse(validFrom) > now
    ? {
        message: `The certificate of ${name} is not valid before ${day(validFrom)}`,
        remedy: "Give another, or check this machine's clock.",
      }
    : undefined
}

const nameOf = ({ subject }: X509Certificate) => oneLine(subject)

const day = (date: string) => new Date(date).toISOString().slice(0, 10)
