import type { IncomingMessage } from 'node:http'
import type { ConsoleExchange } from '@shared/console'

/** Bytes of a body that are kept: 1 MiB. The rest is counted. */
const KEPT_BYTES = 1024 * 1024

/** Reads a body to its end: its size, and its beginning as text or, where it is none, as base64. */
export async function readBody(
  response: IncomingMessage,
): Promise<Pick<ConsoleExchange, 'body' | 'bodyEncoding' | 'bodyBytes'>> {
  const kept: Buffer[] = []
  let bodyBytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bodyBytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bodyBytes))
    bodyBytes += chunk.length
  }
  const bytes = Buffer.concat(kept)
  const text = textOf(bytes, response.headers['content-type'])
  return text === undefined
    ? { body: bytes.toString('base64'), bodyEncoding: 'base64', bodyBytes }
    : { body: text, bodyEncoding: 'text', bodyBytes }
}

/** The bytes as text by the charset that is named, else UTF-8; undefined when they are none. */
function textOf(bytes: Buffer, contentType = ''): string | undefined {
  const charset = /charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    // `stream`: a character that was cut through at the end is left out rather than taken for an error.
    const text = new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true })
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
