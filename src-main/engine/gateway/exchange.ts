import type { X509Certificate } from 'node:crypto'
import type { Evidence } from '@shared/traffic'
import type { Authorization } from '../policies/bearer-token'
import type { IntrospectionInProcess } from '../resources/resource'
import type { Body } from './body'
import type { Dictionaries } from './dictionaries'

/**
 * Header names in lower case; several values of one name as a list. One that is taken out is set to undefined: V8 makes a dictionary,
 * slow to walk, of an object that something is deleted from.
 */
export type Headers = Record<string, string | string[] | undefined>

/** One request on its way through an API's chain. Policies read and change it; nobody keeps it. */
export interface Exchange {
  readonly transactionId: string
  readonly requestId: string
  readonly api: {
    readonly id: string
    readonly name: string
    readonly revision: number
    /** As the definition says; null when it says none. */
    readonly version: string | null
    readonly properties: Readonly<Record<string, string>>
    /** As they are now. */
    readonly dictionaries: () => Pick<Dictionaries, 'byKey'>
    /** What leads to an endpoint or a group in the attribute `request.endpoint`, by its name: the name and a colon, as in Gravitee. */
    readonly endpointReferences: Readonly<Record<string, string>>
  }
  readonly request: {
    readonly method: string
    /** Path with the context path, without query. */
    readonly path: string
    readonly contextPath: string
    /** What follows the context path; always starts with `/`. */
    readonly pathInfo: string
    readonly query: URLSearchParams
    readonly headers: Headers
    readonly pathParams: Readonly<Record<string, string>>
    readonly remoteAddress: string
    readonly scheme: 'http' | 'https'
    /** The one that the client has proved over TLS to have the key of, whoever issued it; undefined when it has shown none. */
    readonly clientCertificate?: X509Certificate | undefined
    /** Whether an authority that this machine trusts has issued it. */
    readonly trustsClientCertificate?: boolean
    readonly host: string
    /** Milliseconds since the epoch. */
    readonly timestamp: number
    /** When it was collected for a step. */
    body?: Body
  }
  /** Present in the response phase. */
  response?: { status: number; headers: Headers; body?: Body }
  /** Query parameters that the backend does not get: credentials that were for the gateway. */
  hiddenParameters?: string[]
  /** What a step answers in the backend's place: the other request steps and the response phase run as ever. */
  answer?: { status: number; headers: Headers; body: Body; sentence: string }
  /** Headers that the answer carries, whoever gives it: the backend, or the gateway in its place. Names as they are to be sent. */
  answerHeaders?: Record<string, string>
  /** Its Authorization header as policies have read it. */
  authorization?: Authorization
  /** The token or key that policies found in it, and its digest: several may ask for that. */
  presented?: { readonly credential: string; readonly digest: string }
  /** What the request's record tells of domains of this very engine that found its token good. */
  introspections?: IntrospectionInProcess[]
  /** `oauth.client_id` and the like: what policies leave for those after them. */
  readonly attributes: Map<string, unknown>
  /** Undefined when nobody asked for this request's trace: call it as `exchange.trace?.…`, so that it then costs nothing. */
  readonly trace: StepTrace | undefined
}

/** Where a policy tells its decision while it runs. */
export interface StepTrace {
  /** The decision in one sentence with its evidence. A refusal tells itself through the Failure. */
  passed(sentence: string, evidence?: readonly Evidence[]): void
  /** A fact that stands with the station that is reached next, whatever is decided there. */
  noticed(fact: Evidence): void
}
