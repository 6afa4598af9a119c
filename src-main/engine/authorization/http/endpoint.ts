import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import type { Form } from './form'
import type { CallReport } from './call-report'

/** One request to an endpoint of one domain. Everything in it was true when it arrived, also when the domains are swapped meanwhile. */
export interface Call {
  readonly domain: CompiledDomain
  /** All domains, for telling whose token a foreign one is. */
  readonly domains: CompiledDomains
  /** Value of the Authorization header. */
  readonly authorization: string | undefined
  /** Empty for GET. */
  readonly form: Form
  /** Issuer of the domain (RFC 8414 §2). */
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly report: CallReport
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or nothing. */
  readonly body: string
}

/** One address of the authorization server. */
export interface Endpoint {
  /** As records tell it. */
  readonly name: 'token' | 'introspect' | 'revoke' | 'discovery' | 'jwks'
  /** GET answers HEAD too. */
  readonly method: 'GET' | 'POST'
  /** Route patterns with `:domainPath`. */
  readonly paths: readonly string[]
  /** What a request passes, in this order, for its trace. */
  readonly stations: readonly string[]
  /** @throws OAuthRefusal */
  handle(call: Call): Answer | Promise<Answer>
}

const JSON_TYPE = { 'Content-Type': 'application/json;charset=UTF-8' }

/** RFC 6749 §5.1: no answer that speaks of tokens or credentials is kept by a cache. */
export const NO_STORE = {
  'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
  Pragma: 'no-cache',
}

/** An answer that no cache keeps. Header names stand in the capitals that Access Management sends. */
export function answerOf(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...JSON_TYPE, ...NO_STORE, ...headers }, body: JSON.stringify(body) }
}

/** Metadata and public keys: may be kept, but must be asked for anew each time, since settings change at once. */
export function publicAnswer(body: unknown): Answer {
  return { status: 200, headers: { ...JSON_TYPE, 'Cache-Control': 'no-cache' }, body: JSON.stringify(body) }
}
