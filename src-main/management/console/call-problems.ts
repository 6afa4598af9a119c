import { codeOf } from '@shared/error-code'
import { ProblemError } from '@shared/problem'
import type { OpenAuthorities } from '@shared/traffic'
import { certificateFault, isNotTls, trustRemedies } from '../../engine/tls/certificate-fault'
import { CALL_TIMEOUT_MS } from './http-call'

/** Why a call got no answer, with what to do; by node's error code. */
export function callProblem(error: unknown, url: URL): ProblemError {
  const code = codeOf(error)
  const address = url.host
  const problem = (
    key: string,
    status: number,
    title: string,
    remedy: string,
    remedies: readonly OpenAuthorities[] = [],
  ) =>
    new ProblemError({
      ...{ key, status, title, remedy },
      ...(code === undefined ? {} : { detail: code }),
      ...(remedies.length === 0 ? {} : { remedies: [...remedies] }),
    })

  if (isTimeout(error))
    return problem(
      'CALL_TIMED_OUT',
      504,
      `${address} did not finish its answer within ${CALL_TIMEOUT_MS / 1000} seconds`,
      'Look whether the server is stuck, then send the call again.',
    )
  switch (code) {
    case 'ECONNREFUSED':
      return problem(
        'CALL_REFUSED',
        502,
        `Nothing listens at ${address}`,
        'Check the port, and whether the server is running.',
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(
        'CALL_UNKNOWN_HOST',
        502,
        `The name ${url.hostname} cannot be resolved`,
        'Check the spelling, and whether this machine is on the network that knows it.',
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'EADDRNOTAVAIL':
      return problem(
        'CALL_UNREACHABLE',
        502,
        `${address} cannot be reached from this machine`,
        'Check the address and the network.',
      )
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return problem(
        'CALL_CUT_OFF',
        502,
        `${address} closed the connection before its answer was whole`,
        'Look at the log of that server, then send the call again.',
      )
  }
  if (isNotTls(error))
    return problem('CALL_NOT_TLS', 502, `${address} does not speak TLS`, 'Use http:// in place of https://.')
  const fault = certificateFault(error)
  if (fault)
    return problem(
      'CALL_UNTRUSTED',
      502,
      `The certificate of ${address} is not trusted: it ${fault.reason}`,
      fault.remedy,
      trustRemedies(fault),
    )
  if (code?.startsWith('HPE_'))
    return problem(
      'CALL_NOT_HTTP',
      502,
      `What ${address} answered is not HTTP`,
      'Check the port, and whether the server wants https://.',
    )
  return problem(
    'CALL_FAILED',
    502,
    `The call to ${address} failed: ${messageOf(error)}`,
    'Check the address and whether the server is running.',
  )
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || (error.cause instanceof Error && error.cause.name === 'TimeoutError')
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'no reason given')
