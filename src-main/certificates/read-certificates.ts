import { X509Certificate } from 'node:crypto'
import type { Fault } from '@shared/problem'
import { pemBlocks } from './pem'

export const NO_CERTIFICATE: Fault = {
  message: 'This holds no certificate in PEM form',
  remedy:
    'Give the text that begins with -----BEGIN CERTIFICATE-----. A .der, .cer or .p12 file has to be converted first.',
}

/** The certificates in a text, each as its PEM block. */
export function certificateBlocks(text: string): string[] {
  return pemBlocks(text).flatMap(({ label, block }) => (label === 'CERTIFICATE' ? [block] : []))
}

/** Whether a private key stands in a text where a certificate is asked for. */
export function holdsKey(text: string): boolean {
  return pemBlocks(text).some(({ label }) => label.endsWith('PRIVATE KEY'))
}

/** @param blocks of one certificate each, at least one */
export function readBlocks(blocks: readonly string[]): [X509Certificate, ...X509Certificate[]] | Fault {
  const certificates: X509Certificate[] = []
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      const which = blocks.length === 1 ? 'The certificate' : `Certificate ${index + 1} of ${blocks.length}`
      return {
        message: `${which} cannot be read: its PEM is damaged or cut short`,
        remedy: 'Copy the whole text again.',
      }
    }
  }
  return certificates as [X509Certificate, ...X509Certificate[]] // there is one at least
}
