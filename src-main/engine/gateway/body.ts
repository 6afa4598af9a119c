import { readXml } from '../expression/xml'
import type { Headers } from './exchange'

/** Bytes of a body that is collected, as it came and decoded. What is larger can only be streamed. */
export const MAX_BODY = 10 * 1024 * 1024

/** A body that was collected because a step or an expression asked for it, or that a step has put in its place. */
export interface Body {
  /** Decoded. */
  readonly bytes: Buffer
  /** As UTF-8. */
  readonly text: string
  /** Null when it is no JSON. */
  readonly json: unknown
  /** Null when it is no XML. */
  readonly xml: unknown
  /** As it came, maybe compressed; undefined for one that a step has made. */
  readonly received: Buffer | undefined
}

/**
 * Reads it as text, JSON or XML when that is first asked, and once.
 *
 * @param received as of Body: leave it out for a body that takes another's place
 */
export function bodyOf(content: Buffer | string, received?: Buffer): Body {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  let text = typeof content === 'string' ? content : undefined
  let json: { readonly value: unknown } | undefined
  let xml: { readonly value: unknown } | undefined
  return {
    bytes,
    received,
    get text() {
      return (text ??= bytes.toString())
    },
    get json() {
      return (json ??= { value: parsed(this.text) }).value
    },
    get xml() {
      return (xml ??= { value: readXml(this.text) }).value
    },
  }
}

/** What says something of the body as it was, and would be wrong of another. */
const ABOUT_BODY = ['content-encoding', 'content-md5', 'digest', 'content-digest', 'repr-digest', 'etag', 'accept-ranges', 'content-range'] // prettier-ignore

/** The bytes to send: as they came when no step has changed them. The headers are made to fit them. */
export function settledBody({ bytes, received }: Body, headers: Headers): Buffer {
  const sent = received ?? bytes
  if (received === undefined) for (const name of ABOUT_BODY) delete headers[name]
  delete headers['transfer-encoding']
  headers['content-length'] = String(sent.length)
  return sent
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
