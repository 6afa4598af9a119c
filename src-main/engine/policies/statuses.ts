import { STATUS_CODES } from 'node:http'
import { Type } from 'typebox'

/** Those that Gravitee's schemas offer. */
const OFFERED = '100 101 102 200 201 202 203 204 205 206 207 300 301 302 303 304 305 307 400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 422 423 424 429 500 501 502 503 504 505 507'.split(' ') // prettier-ignore

/** A status as Gravitee's configurations hold it, which is a text. */
export function statusChoice(options: { title: string; description: string; default?: string }) {
  const labels = Object.fromEntries(OFFERED.map((status) => [status, `${status} ${STATUS_CODES[status] ?? ''}`.trim()]))
  return Type.Unsafe<string>({ type: 'string', enum: OFFERED, 'x-enum-labels': labels, ...options })
}
