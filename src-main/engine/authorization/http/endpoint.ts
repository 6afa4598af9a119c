import type { IncomingHttpHeaders } from 'node:http'
import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import type { Form, Parameters } from './form'
import type { CallReport } from './call-report'
import type { Readers } from './cross-origin'
import type { OAuthRefusal } from './oauth-refusal'

/** One request to an endpoint of one domain. Everything in it was true when it arrived, also when the domains are swapped meanwhile. */
export interface Call {
  readonly domain: CompiledDomain
  /** All domains, for telling whose token a foreign one is. */
  readonly domains: CompiledDomains
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly headers: IncomingHttpHeaders
  /** Value of the Authorization header. */
  readonly authorization: string | undefined
  /** The parameters, from where the endpoint takes them; empty when it takes none. */
  readonly form: Form
  /** The values of the endpoint's `repeatable` parameters. */
  readonly lists: Parameters['lists']
  /** What is wrong with them: always empty, but for an endpoint that judges it itself. */
  readonly flaws: readonly OAuthRefusal[]
  /** The same by the name of the parameter. */
  readonly flawed: Parameters['flawed']
  /** Where the server is reached, without a slash at the end. */
  readonly origin: string
  /** Issuer of the domain (RFC 8414 §2). */
  readonly issuer: string
  /** Of the client at the other end of the connection. */
  readonly remoteAddress: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly report: CallReport
}

export interface Answer {
  readonly status: number
  /** A list is sent as so many headers of that name. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Text, or nothing. */
  readonly body: string
  /** Set where the request is turned away by another answer than the one of RFC 6749 §5.2, e.g. by a redirect: for its record. */
  readonly refusal?: OAuthRefusal
}

/** What is known of a request that is refused; the domain only when it was found. */
export interface RefusedCall {
  readonly domain: CompiledDomain | undefined
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

/** One address of the authorization server. */
export interface Endpoint {
  /** As records tell it. */
  readonly name: EndpointName
  /** GET answers HEAD too, unless it `actsOnGet`. */
  readonly methods: readonly ('GET' | 'POST')[]
  /** A GET changes something, as the steps of a login do: HEAD, which has to be safe (RFC 9110 §9.2.1, §9.3.2), is then not served. */
  readonly actsOnGet?: true
  /** Route patterns with `:domainPath`. */
  readonly paths: readonly string[]
  /** What a request passes, in this order, for its trace. */
  readonly stations: readonly string[]
  /** Where its parameters stand: in the body alone (RFC 6749 §3.2), in the query of a GET and the body of a POST (§3.1), or nowhere. */
  readonly parameters: 'body' | 'query-or-body' | 'none'
  /** Names of parameters that may stand more than once: they are in `lists` and not in `form`. */
  readonly repeatable?: readonly string[]
  /** Which pages of other origins may read its answers; none, unless it is given: people visit it. */
  readonly readers?: Readers
  /** A POST without a body is fine. */
  readonly bodyOptional?: true
  /** `handle` is called with flawed parameters too, since it depends on them how the flaw is told. */
  readonly judgesFlaws?: true
  /** @throws OAuthRefusal */
  handle(call: Call): Answer | Promise<Answer>
  /** How a refusal is told to the caller; as JSON (RFC 6749 §5.2) unless it is given. */
  answerRefusal?(refusal: OAuthRefusal, call: RefusedCall): Answer
}

export type EndpointName =
  | 'authorize'
  | 'par'
  | 'token'
  | 'introspect'
  | 'revoke'
  | 'userinfo'
  | 'discovery'
  | 'jwks'
  | 'login'
  | 'consent'
  | 'logout'

const JSON_TYPE = { 'Content-Type': 'application/json;charset=UTF-8' }

/** RFC 6749 §5.1: no answer that speaks of tokens or credentials is kept by a cache. */
export const NO_STORE = {
  'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
  Pragma: 'no-cache',
}

/** An answer that no cache keeps. Header names stand in the capitals that Access Management sends. */
export function answerOf(body: unknown, status = 200, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...JSON_TYPE, ...NO_STORE, ...headers }, body: JSON.stringify(body) }
}

/** Metadata and public keys: may be kept, but must be asked for anew each time, since settings change at once. */
export function publicAnswer(body: unknown): Answer {
  return { status: 200, headers: { ...JSON_TYPE, 'Cache-Control': 'no-cache' }, body: JSON.stringify(body) }
}
