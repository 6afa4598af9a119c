import type { ClientRequest } from '../listening/client-message'
import type { Failure } from '../policies/policy'

/** Characters of a request target. RFC 9112 §3 recommends to take 8000 at least. */
export const MAX_TARGET = 16 * 1024
/** Header fields of one request. */
export const MAX_FIELDS = 500
/** Digits of a length that is a number exactly. */
const EXACT_DIGITS = 15

/** uri-host and port (RFC 3986 §3.2.2), which may be empty; an address in brackets. */
const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[0-9a-f:.]+\])(?::\d*)?$/i
/** The authority of a target in absolute form, which stands above `Host` (RFC 9112 §3.2.2). */
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/** Of the target, or `Host`; undefined where a request of HTTP/1.0 names none. */
export function hostOf({ url, headers }: Pick<ClientRequest, 'url' | 'headers'>): string | undefined {
  return url === undefined || url.charCodeAt(0) === 0x2f ? headers.host : (ABSOLUTE.exec(url)?.[1] ?? headers.host)
}

/**
 * Why a request is not to be acted on though node's parser has let it pass: what others may read in another way than the gateway
 * (RFC 9112 §11.2), or what is too large. The connection ends with the answer.
 */
export function refusalOfMessage(request: ClientRequest): Failure | undefined {
  const { url = '/', headers, rawHeaders, httpVersion } = request
  if (url.length > MAX_TARGET)
    return failure(414, 'GATEWAY_TARGET_TOO_LONG', 'The request target is too long', `The request target has ${url.length} characters, and ${MAX_TARGET} are the most`, 'RFC 9110 §15.5.15') // prettier-ignore
  if (rawHeaders.length > 2 * MAX_FIELDS)
    return failure(431, 'GATEWAY_TOO_MANY_HEADERS', 'The request has too many headers', `The request has ${rawHeaders.length / 2} header fields, and ${MAX_FIELDS} are the most`, 'RFC 6585 §5') // prettier-ignore
  if (httpVersion === '2.0' || httpVersion === '0.9')
    return failure(505, 'GATEWAY_HTTP_VERSION', 'The HTTP version is not supported', `The request is of HTTP/${httpVersion} in the form of HTTP/1`, 'RFC 9110 §15.6.6') // prettier-ignore
  const host = hostOf(request)
  if (host !== undefined && !HOST.test(host)) return badHost('The host of the request is none')
  if (namesHostTwice(rawHeaders)) return badHost('The request names its host twice')
  const { 'transfer-encoding': coding, 'content-length': length } = headers
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked')
      return failure(501, 'GATEWAY_TRANSFER_CODING', 'The transfer coding is not supported', `The transfer coding of the request is ${coding.slice(0, 64)}, and chunked alone is understood`, 'RFC 9112 §6.1') // prettier-ignore
    if (httpVersion === '1.0')
      return failure(400, 'GATEWAY_TRANSFER_CODING', 'The request is malformed', 'The request is of HTTP/1.0, which has no transfer codings: where its body ends is uncertain', 'RFC 9112 §6.1') // prettier-ignore
  } else if (length !== undefined && length.length > EXACT_DIGITS)
    return failure(413, 'GATEWAY_REQUEST_TOO_LARGE', 'The request body is too large', 'The length of the body is more than can be counted', 'RFC 9110 §8.6') // prettier-ignore
  return undefined
}

function namesHostTwice(raw: readonly string[]): boolean {
  let named = 0
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    if (name.length === 4 && (name === 'Host' || name === 'host' || name.toLowerCase() === 'host')) named++
  }
  return named > 1
}

const badHost = (sentence: string) =>
  failure(400, 'GATEWAY_HOST_MALFORMED', 'The request is malformed', sentence, 'RFC 9112 §3.2')

const failure = (status: number, key: string, message: string, sentence: string, source: string): Failure => ({
  key,
  status,
  message,
  sentence,
  source,
  closes: true,
  evidence: [],
  remedies: [],
})
