import { codeOf } from '@shared/error-code'
import { isNotTls } from './certificate-fault'

/** Why a server could not be asked, to be read after its name; for other faults than its certificate's. */
export function unreachableReason(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ECONNREFUSED') return 'refuses the connection: nothing listens there'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'cannot be found: its name is not known'
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'cannot be reached: connecting took too long'
  if (isNotTls(error)) return 'does not speak TLS: it is reached by http://'
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'took too long to answer'
  return `cannot be reached${code === undefined ? '' : ` (${code})`}`
}
