import { answerHeaders } from './answer-headers'
import { settledBody } from './body'
import type { Call } from './call'
import type { Exchange } from './exchange'
import { watchWhole } from './patience'

/** Bytes that no connection takes at once. */
const LARGE = 64 * 1024

/**
 * Writes an answer that stands whole in the exchange: one that was collected, or that a step has given.
 *
 * @throws when a header cannot be written
 */
export function writeWhole(call: Call, answer: Required<NonNullable<Exchange['response']>>): void {
  const { request, response } = call
  const { status, headers, body } = answer
  // RFC 9110 §8.6: without content, a length tells of what is not sent, or is not there at all.
  const bare = status === 204 || status === 304
  if (bare && body.received === undefined) delete headers['content-length']
  // Nothing came and nothing was put there: a HEAD's length is that of what a GET would get.
  const sent = bare || body.received?.length === 0 ? undefined : settledBody(body, headers)
  response.writeHead(status, answerHeaders(call, headers))
  response.end(request.method === 'HEAD' ? undefined : sent)
  if (sent !== undefined && sent.length > LARGE) watchWhole(call)
}

/** The last station of a call that was let pass. */
export function tellAnswered({ trace, response, started }: Call, awaited: number): void {
  trace?.add({
    kind: 'answer',
    title: 'Answer',
    decision: 'passed',
    sentence: `${response.statusCode} to the client, in ${Math.round(performance.now() - started)} ms`,
    durationMs: performance.now() - awaited,
  })
}
