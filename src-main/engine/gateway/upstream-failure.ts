import { codeOf } from '@shared/error-code'
import type { Failure } from '../policies/policy'
import { certificateFault, isNotTls, trustRemedies } from '../tls/certificate-fault'
import { proxyFault } from '../tls/proxy-tunnel'
import type { CompiledApi, HttpEndpoint } from './compiled-api'
import { AnswerFault } from './endpoints/http1/answer-reader'
import { failoverFault } from './endpoints/failover'
import { speaksGrpc } from './grpc-status'

/**
 * What went wrong between gateway and backend: the caller is told the kind, whoever asks why the target, time and remedy.
 *
 * @param contentType of the request
 */
export function upstreamFailure(
  error: unknown,
  api: CompiledApi,
  endpoint: HttpEndpoint,
  afterMs: number,
  contentType: string | undefined,
): Failure {
  const code = codeOf(error)
  const fault = certificateFault(error)
  const found = upstreamFault(error, endpoint)
  const wantsHttp2 = found.key === 'GATEWAY_BACKEND_FAILED' && !endpoint.http2 && speaksGrpc(contentType)
  const { key, status, message, sentence } = wantsHttp2 ? grpcOverHttp1(endpoint) : found
  return {
    key,
    status,
    message,
    sentence,
    evidence: [
      { label: 'Target', value: endpoint.origin + endpoint.basePath },
      { label: 'After', value: `${Math.round(afterMs)} ms` },
      ...(code === undefined ? [] : [{ label: 'Error', value: code }]),
      ...(fault === undefined ? [] : [{ label: 'What helps', value: fault.remedy }]),
    ],
    remedies: [
      ...trustRemedies(fault),
      wantsHttp2
        ? { action: 'open-endpoints', label: "Open the endpoint's protocol", apiId: api.id, protocolOf: endpoint.name }
        : { action: 'open-endpoints', label: "Open the API's backend", apiId: api.id },
    ],
  }
}

/** The same in few words: which failure it is, and what happened in one sentence. */
export function upstreamFault(error: unknown, endpoint: HttpEndpoint) {
  const fault = certificateFault(error)
  if (fault !== undefined) return untrusted(endpoint, fault.reason)
  switch (failoverFault(error)) {
    case 'slow':
      return failure('GATEWAY_SLOW_CALL', 504, 'The backend took too long to answer', `The backend ${endpoint.origin} did not begin its answer within the slow-call time of failover`) // prettier-ignore
    case 'unwanted':
      return failure('GATEWAY_FAILURE_CONDITION', 502, 'The backend did not give a valid answer', `The answer of the backend ${endpoint.origin} counts as a failure by the condition of failover`) // prettier-ignore
    case undefined:
  }
  if (error instanceof AnswerFault)
    return failure('GATEWAY_BACKEND_FAILED', 502, 'The backend did not give a valid answer', `The backend ${endpoint.origin} gave an answer that is none: ${error.message}`) // prettier-ignore
  const ofProxy = proxyFault(error)
  return ofProxy === undefined
    ? describe(error, codeOf(error), endpoint)
    : failure('GATEWAY_PROXY_FAILED', 502, 'The backend cannot be reached', `The proxy ${ofProxy}`)
}

function grpcOverHttp1({ name, origin }: HttpEndpoint) {
  return failure('GATEWAY_GRPC_WANTS_HTTP2', 502, 'The backend did not give a valid answer', `The call is one of gRPC, which needs HTTP/2; the endpoint ${name} speaks HTTP/1.1 with the backend ${origin}, which gave no valid answer`) // prettier-ignore
}

function untrusted({ origin }: HttpEndpoint, reason: string) {
  return failure('GATEWAY_BACKEND_UNTRUSTED', 502, 'The backend cannot be trusted', `The certificate of the backend ${origin} is not trusted: it ${reason}`) // prettier-ignore
}

function describe(
  error: unknown,
  code: string | undefined,
  { origin, connectTimeout, readTimeout, idleTimeout }: HttpEndpoint,
) {
  if (isNotTls(error))
    return failure('GATEWAY_BACKEND_NOT_TLS', 502, 'The backend did not give a valid answer', `The backend ${origin} does not speak TLS: it is reached by http://`) // prettier-ignore
  switch (code) {
    case 'ECONNREFUSED':
      return failure('GATEWAY_BACKEND_REFUSED', 502, 'The backend refused the connection', `The backend ${origin} refuses connections: nothing listens there`) // prettier-ignore
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure('GATEWAY_BACKEND_UNREACHABLE', 503, 'The backend cannot be reached', `The name of the backend ${origin} is not known`) // prettier-ignore
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return failure('GATEWAY_BACKEND_UNREACHABLE', 503, 'The backend cannot be reached', `There is no way to the backend ${origin}`) // prettier-ignore
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return failure('GATEWAY_CONNECT_TIMEOUT', 504, 'Connecting to the backend took too long', `The backend ${origin} did not accept a connection within ${connectTimeout} ms`) // prettier-ignore
    case 'UND_ERR_HEADERS_TIMEOUT':
      return failure('GATEWAY_READ_TIMEOUT', 504, 'The backend took too long to answer', `The backend ${origin} sent nothing for ${readTimeout} ms`) // prettier-ignore
    case 'UND_ERR_BODY_TIMEOUT':
      return failure('GATEWAY_READ_TIMEOUT', 504, 'The backend took too long to answer', `The backend ${origin} began its answer, and then sent nothing for ${idleTimeout} ms`) // prettier-ignore
    case 'UND_ERR_HEADERS_OVERFLOW':
      return failure('GATEWAY_BACKEND_FAILED', 502, 'The backend did not give a valid answer', `The headers of the answer of the backend ${origin} are longer than 64 KiB`) // prettier-ignore
    case 'UND_ERR_INVALID_ARG':
      if (error instanceof Error && /redirect/i.test(error.message))
        return failure('GATEWAY_BACKEND_FAILED', 502, 'The backend did not give a valid answer', `The backend ${origin} redirects in a circle`) // prettier-ignore
      break
  }
  return failure('GATEWAY_BACKEND_FAILED', 502, 'The backend did not give a valid answer', `The backend ${origin} ended the connection or did not speak HTTP`) // prettier-ignore
}

const failure = (key: string, status: number, message: string, sentence: string) => ({ key, status, message, sentence })
