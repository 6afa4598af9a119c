import type { Failure } from '../policies/policy'
import { bodyOf, MAX_BODY } from './body'
import type { Call } from './call'
import { CODINGS, decodeBody, isReadable } from './decode-body'
import type { Exchange } from './exchange'
import { watchBody } from './patience'

const NOTHING = Buffer.alloc(0)

/** Whether a body comes with the request (RFC 9112 §6). */
export function hasBody({ request: { headers } }: Pick<Call, 'request'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Puts the request's body into the exchange; undefined when it stands there already. A failure is why it cannot be had. */
export function collectRequest(call: Call, exchange: Exchange): Promise<Failure | undefined> | undefined {
  if (exchange.request.body !== undefined) return undefined
  if (!hasBody(call)) {
    exchange.request.body = bodyOf(NOTHING, NOTHING)
    return undefined
  }
  return collect(call, exchange)
}

async function collect(call: Call, exchange: Exchange): Promise<Failure | undefined> {
  const { request, response } = call
  const encoding = request.headers['content-encoding']
  if (!isReadable(encoding)) return unreadable(encoding ?? '')
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) return tooLarge(`${request.headers['content-length']} bytes`) // prettier-ignore
  if (call.expectsContinue) response.writeContinue()
  watchBody(call)
  const received = await whole(call)
  if (received === 'too-large') return tooLarge(`more than ${MAX_BODY} bytes`)
  if (received === 'aborted') return aborted
  const decoded = await decodeBody(received, encoding)
  if (decoded === 'too-large') return tooLarge(`more than ${MAX_BODY} bytes when it is decompressed`)
  if (decoded === 'broken') return broken(encoding ?? '')
  exchange.request.body = bodyOf(decoded, received)
  return undefined
}

function whole({ request }: Call): Promise<Buffer | 'too-large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY) chunks.push(chunk)
      else {
        request.pause()
        resolve('too-large')
      }
    })
    request.once('end', () => resolve(Buffer.concat(chunks, length)))
    request.once('close', () => resolve('aborted')) // nothing after the end
  })
}

const failure = (status: number, key: string, message: string, sentence: string, source: string, size?: string): Failure => ({
  key,
  status,
  message,
  sentence,
  source,
  evidence: size === undefined ? [] : [{ label: 'Body', value: size }, { label: 'Limit', value: `${MAX_BODY} bytes` }],
  remedies: [],
}) // prettier-ignore

const tooLarge = (size: string) =>
  failure(413, 'GATEWAY_REQUEST_TOO_LARGE', 'The request body is too large', 'A step reads the body of the request, and it is larger than what can be collected', 'RFC 9110 §15.5.14', size) // prettier-ignore

const unreadable = (encoding: string) =>
  failure(415, 'GATEWAY_REQUEST_ENCODING', 'The content coding of the request is not supported', `A step reads the body of the request, and its coding ${encoding.slice(0, 64)} is not known here: ${CODINGS} are`, 'RFC 9110 §15.5.16') // prettier-ignore

const broken = (encoding: string) =>
  failure(400, 'GATEWAY_REQUEST_MALFORMED', 'The request body is malformed', `The body of the request is not ${encoding.slice(0, 64)}, as its Content-Encoding says`, 'RFC 9110 §8.4') // prettier-ignore

/** Nobody hears it: the client is gone. */
const aborted = failure(400, 'GATEWAY_REQUEST_ABORTED', 'The request body did not arrive', 'The client went away before its body had arrived', 'RFC 9112 §8') // prettier-ignore
