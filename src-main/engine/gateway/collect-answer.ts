import type { Dispatcher } from 'undici'
import type { Failure } from '../policies/policy'
import { bodyOf, MAX_BODY } from './body'
import { CODINGS, decodeBody, isReadable } from './decode-body'
import type { Exchange, Headers } from './exchange'

type Controller = Dispatcher.DispatchController

export interface CollectedAnswer {
  /** The answer stands in the exchange, its body whole. */
  onCollected(controller: Controller): void
  /** The answer cannot be collected. */
  onFailure(controller: Controller, failure: Failure): void
}

/** Takes the place of what streams an answer, for steps that look at its body. Every method is of a dispatch handler's. */
export function collectAnswer(
  exchange: Exchange,
  target: string,
  { onCollected, onFailure }: CollectedAnswer,
): Required<Pick<Dispatcher.DispatchHandler, 'onResponseStart' | 'onResponseData' | 'onResponseEnd'>> {
  const chunks: Buffer[] = []
  let length = 0
  let head: { readonly status: number; readonly headers: Headers } | undefined
  let over = false

  const fail = (controller: Controller, failure: Failure) => {
    over = true
    onFailure(controller, failure)
  }
  const encodingOf = (headers: Headers) => headers['content-encoding']?.toString()

  return {
    onResponseStart(controller, status, headers) {
      if (status < 200) return // what is collected is told at once
      head = { status, headers: { ...headers } }
      if (!isReadable(encodingOf(headers))) fail(controller, unreadable(target, encodingOf(headers) ?? ''))
      else if (exchange.request.method !== 'HEAD' && Number(headers['content-length'] ?? 0) > MAX_BODY)
        fail(controller, tooLarge(target, `${String(headers['content-length'])} bytes`))
    },
    onResponseData(controller, chunk) {
      if (over) return
      length += chunk.length
      if (length > MAX_BODY) fail(controller, tooLarge(target, `more than ${MAX_BODY} bytes`))
      else chunks.push(chunk)
    },
    onResponseEnd(controller) {
      if (over || head === undefined) return
      const { status, headers } = head
      const received = Buffer.concat(chunks, length)
      if (received.length === 0) {
        exchange.response = { status, headers, body: bodyOf(received, received) }
        return onCollected(controller)
      }
      void decodeBody(received, encodingOf(headers)).then((decoded) => {
        if (decoded === 'too-large') return fail(controller, tooLarge(target, `more than ${MAX_BODY} bytes when it is decompressed`)) // prettier-ignore
        if (decoded === 'broken') return fail(controller, broken(target, encodingOf(headers) ?? ''))
        exchange.response = { status, headers, body: bodyOf(decoded, received) }
        onCollected(controller)
      })
    },
  }
}

const failure = (key: string, message: string, sentence: string, target: string, size?: string): Failure => ({
  key,
  status: 502,
  message,
  sentence,
  evidence: [
    { label: 'Target', value: target },
    ...(size === undefined ? [] : [{ label: 'Body', value: size }, { label: 'Limit', value: `${MAX_BODY} bytes` }]),
  ],
  remedies: [],
}) // prettier-ignore

const tooLarge = (target: string, size: string) =>
  failure('GATEWAY_ANSWER_TOO_LARGE', 'The answer of the backend is too large', 'A step reads the body of the answer, and it is larger than what can be collected', target, size) // prettier-ignore

const unreadable = (target: string, encoding: string) =>
  failure('GATEWAY_ANSWER_ENCODING', 'The answer of the backend cannot be read', `A step reads the body of the answer, and its coding ${encoding.slice(0, 64)} is not known here: ${CODINGS} are`, target) // prettier-ignore

const broken = (target: string, encoding: string) =>
  failure('GATEWAY_ANSWER_MALFORMED', 'The answer of the backend cannot be read', `The body of the answer is not ${encoding.slice(0, 64)}, as its Content-Encoding says`, target) // prettier-ignore
