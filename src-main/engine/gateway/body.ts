import { readXml } from '../expression/xml'

/** A body that was collected because a policy or an expression asked for it. */
export interface Body {
  readonly bytes: Buffer
  /** As UTF-8. */
  readonly text: string
  /** Null when it is no JSON. */
  readonly json: unknown
  /** Null when it is no XML. */
  readonly xml: unknown
}

/** Reads it as text, JSON or XML when that is first asked, and once. */
export function bodyOf(content: Buffer | string): Body {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  let text = typeof content === 'string' ? content : undefined
  let json: { readonly value: unknown } | undefined
  let xml: { readonly value: unknown } | undefined
  return {
    bytes,
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
