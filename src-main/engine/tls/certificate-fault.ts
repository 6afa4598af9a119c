import { codeOf } from '@shared/error-code'
import type { OpenAuthorities } from '@shared/traffic'

/** Why a server's certificate is not accepted. */
export interface CertificateFault {
  /** To be read after "it": "has expired". */
  readonly reason: string
  readonly remedy: string
  /** Whether it helps to trust the authority that has issued it. */
  readonly isUnknownAuthority: boolean
}

const OTHER_CERTIFICATE = 'ERR_GATEHOUSE_OTHER_CERTIFICATE'

/** At an address of our own somebody shows another certificate than we do. */
export function otherCertificate(): Error {
  return Object.assign(new Error('The certificate is not the one that our own server has'), { code: OTHER_CERTIFICATE })
}

/** What is wrong with the certificate of a server that was called; undefined for a failure of any other kind. */
export function certificateFault(error: unknown): CertificateFault | undefined {
  const fault = unknownAuthority(error)
  if (fault !== undefined) return { ...fault, isUnknownAuthority: true }
  const other = otherFault(error)
  return other && { ...other, isUnknownAuthority: false }
}

type Fault = Pick<CertificateFault, 'reason' | 'remedy'>

function otherFault(error: unknown): Fault | undefined {
  const code = codeOf(error)
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return { reason: 'has expired', remedy: "Have that server's certificate renewed." }
    case 'CERT_NOT_YET_VALID':
      return { reason: 'is not valid yet', remedy: "Check this machine's clock, and the certificate of that server." }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        reason: `is for ${namesIn(error) ?? 'other names'}`,
        remedy: 'Call the server by a name that stands in its certificate.',
      }
    case 'INVALID_PURPOSE':
      return { reason: 'is not for servers', remedy: 'Have that server given another certificate.' }
    // OpenSSL knows more reasons than node has codes.
    case 'UNSPECIFIED':
      return {
        reason: `is not acceptable: ${(error as Error).message}`,
        remedy: 'Have that server given another certificate.',
      }
    case OTHER_CERTIFICATE:
      return {
        reason: "is not the one of this workspace's server: another program answers there",
        remedy: 'Write the address as the status bar has it.',
      }
  }
  return code !== undefined && /^(CERT_|ERR_TLS_CERT|INVALID_CA|HOSTNAME_)/.test(code)
    ? { reason: `is not acceptable (${code})`, remedy: 'Have that server given another certificate.' }
    : undefined
}

function unknownAuthority(error: unknown): Fault | undefined {
  const code = codeOf(error)
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT')
    return {
      reason: 'is signed by nobody but itself',
      remedy: 'Add it to the trusted authorities in Settings, or the authority that its server is given one by.',
    }
  return code !== undefined && /^(SELF_SIGNED_CERT|UNABLE_TO_|CERT_UNTRUSTED)/.test(code)
    ? {
        reason: `is issued by an authority that is not trusted here (${code})`,
        remedy: 'Add the certificate of its authority to the trusted authorities in Settings.',
      }
    : undefined
}

/** The way to where its authority can be trusted, where that helps. */
export function trustRemedies(fault: CertificateFault | undefined): OpenAuthorities[] {
  return fault?.isUnknownAuthority === true
    ? [{ action: 'open-authorities', label: 'Open the trusted authorities' }]
    : []
}

/** Whether the other side did not speak TLS at all. Node tells it by its own code or as EPROTO with OpenSSL's words, as it comes. */
export function isNotTls(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const words = error.code === 'EPROTO' ? error.message : String(error.code)
  return /wrong.version.number|packet.length.too.long/i.test(words)
}

/** The names of the certificate that did not fit; node hands them with its error. */
function namesIn(error: unknown): string | undefined {
  const { cert } = error as { cert?: { subjectaltname?: string } } // node documents it for this code
  return cert?.subjectaltname?.replaceAll(/(DNS|IP Address):/g, '').slice(0, 200)
}
