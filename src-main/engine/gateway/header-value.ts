import type { Headers } from './exchange'

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What no field value may hold (RFC 9110 §5.5): with a line break in it, a header would become two. */
const FORBIDDEN = /[\0-\x08\x0a-\x1f\x7f]/
/** What is the same text in UTF-8. */
const ASCII = /^[\t\x20-\x7e]*$/

/** Whether a text is a header's name (RFC 9110 §5.1). */
export const isHeaderName = (name: string): boolean => TOKEN.test(name)

/** A text as it may stand in a header, beyond ASCII as UTF-8; undefined for one that may not. */
export function headerValue(text: string): string | undefined {
  const trimmed = text.trim()
  if (ASCII.test(trimmed)) return trimmed
  if (FORBIDDEN.test(trimmed)) return undefined
  return Buffer.from(trimmed).toString('latin1')
}

/** A value that no header may have. */
export class UnwritableHeader extends Error {
  constructor(readonly header: string) {
    super(`The value for the header ${header} holds a line break or another control character`)
  }
}

/** @throws UnwritableHeader */
export function writableValue(name: string, text: string): string {
  const value = headerValue(text)
  if (value === undefined) throw new UnwritableHeader(name)
  return value
}

/** Names that only the gateway writes: of the connection, of the message's length, and what tells the backend who called. */
const OF_GATEWAY: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'content-length', 'host', 'expect',
  'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-server', 'x-gravitee-transaction-id', 'x-gravitee-request-id', 'x-gatehouse-trace',
]) // prettier-ignore

export const isWrittenByGateway = (name: string): boolean => OF_GATEWAY.has(name.toLowerCase())

/** Another value beside those that are there. */
export function appendHeader(headers: Headers, name: string, value: string): void {
  const before = headers[name]
  headers[name] = before === undefined ? value : [before, value].flat()
}

/** A lower-case name as people write it: `x-tenant` is `X-Tenant`. */
export const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
