/** A compact JWS in its parts, still encoded (RFC 7515 §7.1). */
export interface CompactJws {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** What is signed: header and payload with the dot between them. */
  readonly signingInput: string
}

const COMPACT_JWS = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/
/** Header members that tell a reader where to take a key from, or what else to heed: never followed (RFC 8725 §3.10, RFC 7515 §4.1.11). */
const REFUSED_MEMBERS = ['crit', 'jku', 'jwk', 'x5u', 'x5c', 'b64', 'zip', 'enc']

/** Undefined for what is not formed like one. */
export function splitJws(token: string): CompactJws | undefined {
  const [, header, payload, signature] = COMPACT_JWS.exec(token) ?? []
  if (header === undefined || payload === undefined || signature === undefined) return undefined
  return { header, payload, signature, signingInput: token.slice(0, header.length + 1 + payload.length) }
}

/** Undefined for what is not JSON in base64url. */
export function decodeJson(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** The first member of a header for which no token is taken; undefined when there is none. */
export function refusedMember(header: object): string | undefined {
  return REFUSED_MEMBERS.find((member) => Object.hasOwn(header, member))
}
