import { createHash, X509Certificate } from 'node:crypto'
import type { Exchange } from '../../gateway/exchange'
import type { Configuration } from './configuration'
import type { Flaw } from './key-source'
import { flaw, type Claims } from './verify'

/** Why a token is not the client's whose certificate was shown (RFC 8705 §3); undefined when it is, or is not checked. */
export function boundFlaw(
  { cnf }: Claims,
  exchange: Exchange,
  settings: Configuration['confirmationMethodValidation'],
): Flaw | undefined {
  const {
    enabled = false,
    extractCertificateFromHeader = false,
    headerName = 'ssl-client-cert',
  } = settings?.certificateBoundThumbprint ?? {}
  if (!enabled) return undefined
  const bound = typeof cnf === 'object' && cnf !== null ? (cnf as Claims)['x5t#S256'] : undefined
  if (bound === undefined)
    return settings?.ignoreMissing === true ? undefined : flaw('It is bound to no certificate (cnf x5t#S256)')
  const certificate = extractCertificateFromHeader
    ? fromHeader(exchange.request.headers[headerName.toLowerCase()])
    : exchange.request.clientCertificate
  if (certificate === undefined)
    return flaw(
      extractCertificateFromHeader
        ? `It is bound to a certificate, and the header ${headerName} holds none`
        : 'It is bound to a certificate, and the client has shown none',
    )
  const shown = createHash('sha256').update(certificate.raw).digest('base64url')
  if (shown === bound) return undefined
  return flaw('It is bound to another certificate than the client has shown', [
    { label: 'Certificate of the token', value: String(bound).slice(0, 64) },
    { label: 'Certificate of the client', value: shown },
  ])
}

/** Proxies send PEM, percent-encoded (nginx) or in one line. */
function fromHeader(value: string | string[] | undefined): X509Certificate | undefined {
  if (typeof value !== 'string') return undefined
  try {
    const text = value.includes('%') ? decodeURIComponent(value) : value
    const body = text.replaceAll(/-----(BEGIN|END) CERTIFICATE-----/g, '').replaceAll(/\s+/g, '')
    return new X509Certificate(Buffer.from(body, 'base64'))
  } catch {
    return undefined
  }
}
