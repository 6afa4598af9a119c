import { Type, type Static } from 'typebox'

/** One fact behind a decision, e.g. { label: 'Required scopes', value: 'read' }. Never a secret, token or code. */
export const Evidence = Type.Object({ label: Type.String(), value: Type.String() })
export type Evidence = Static<typeof Evidence>

/** Where a certificate is of an authority that nobody here trusts. */
export const OpenAuthorities = Type.Object({ action: Type.Literal('open-authorities'), label: Type.String() })
export type OpenAuthorities = Static<typeof OpenAuthorities>

/** Something a person can do about a refusal; the window draws each as a button that does it. */
export const Remedy = Type.Union([
  Type.Object({
    action: Type.Literal('get-token'),
    label: Type.String(),
    domainPath: Type.Optional(Type.String()),
    scopes: Type.Array(Type.String()),
  }),
  Type.Object({
    action: Type.Literal('add-scopes'),
    label: Type.String(),
    domainPath: Type.String(),
    clientId: Type.String(),
    scopes: Type.Array(Type.String()),
  }),
  Type.Object({ action: Type.Literal('deploy'), label: Type.String(), apiId: Type.String() }),
  Type.Object({
    action: Type.Literal('open-step'),
    label: Type.String(),
    apiId: Type.String(),
    flow: Type.Integer(),
    phase: Type.String(),
    step: Type.Integer(),
  }),
  Type.Object({
    action: Type.Literal('open-resource'),
    label: Type.String(),
    apiId: Type.String(),
    resource: Type.String(),
  }),
  Type.Object({
    action: Type.Literal('open-plan'),
    label: Type.String(),
    apiId: Type.String(),
    planId: Type.String(),
  }),
  Type.Object({ action: Type.Literal('open-subscriptions'), label: Type.String(), apiId: Type.String() }),
  Type.Object({
    action: Type.Literal('open-endpoints'),
    label: Type.String(),
    apiId: Type.String(),
    protocolOf: Type.Optional(Type.String({ description: 'Name of the endpoint whose protocol is what helps' })),
  }),
  Type.Object({ action: Type.Literal('open-apis'), label: Type.String() }),
  Type.Object({
    action: Type.Literal('open-application'),
    label: Type.String(),
    domainPath: Type.String(),
    clientId: Type.String(),
  }),
  Type.Object({
    action: Type.Literal('open-user'),
    label: Type.String(),
    domainPath: Type.String(),
    userId: Type.String(),
  }),
  Type.Object({ action: Type.Literal('open-keys'), label: Type.String(), domainPath: Type.String() }),
  OpenAuthorities,
])
export type Remedy = Static<typeof Remedy>

/** Why a request was turned away or could not be answered, for a person. */
export const Refusal = Type.Object({
  key: Type.String({ description: 'Failure key, e.g. OAUTH2_MISSING_HEADER; also the response-template key' }),
  status: Type.Integer(),
  sentence: Type.String({ description: 'The reason in one sentence' }),
  message: Type.Optional(Type.String({ description: 'What the caller is told, before a response template words it' })),
  source: Type.Optional(Type.String({ description: 'Where the rule stands, e.g. RFC 6750 §3' })),
  evidence: Type.Array(Evidence),
  remedies: Type.Array(Remedy),
})
export type Refusal = Static<typeof Refusal>

/** A header that a step added, removed (after absent) or changed. Values of credentials are masked. */
export const HeaderChange = Type.Object({
  name: Type.String(),
  before: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
})
export type HeaderChange = Static<typeof HeaderChange>

/** A body that a step put in another's place: the beginning of each, secrets masked, and their whole sizes. */
export const BodyChange = Type.Object({
  before: Type.Optional(Type.String()),
  beforeBytes: Type.Optional(Type.Integer()),
  after: Type.Optional(Type.String()),
  afterBytes: Type.Optional(Type.Integer()),
})
export type BodyChange = Static<typeof BodyChange>

/** One station on a request's way through the gateway or the authorization server, in the order they were reached. */
export const TraceStep = Type.Object({
  kind: Type.Union([
    Type.Literal('arrival'),
    Type.Literal('api'),
    Type.Literal('plan'),
    Type.Literal('flow'),
    Type.Literal('policy'),
    Type.Literal('backend'),
    Type.Literal('answer'),
  ]),
  title: Type.String({ description: 'e.g. API Echo, Flow All paths, OAuth2' }),
  decision: Type.Union([
    Type.Literal('passed'),
    Type.Literal('refused'),
    Type.Literal('failed'),
    Type.Literal('skipped'),
    Type.Literal('not-reached'),
  ]),
  sentence: Type.String({ description: 'The decision and its reason, e.g. Context path /echo, revision 3' }),
  evidence: Type.Array(Evidence),
  durationMs: Type.Optional(Type.Number()),
  policy: Type.Optional(Type.String({ description: "The policy's id" })),
  at: Type.Optional(Type.Object({ flow: Type.Integer(), phase: Type.String(), step: Type.Integer() })),
  refusal: Type.Optional(Refusal),
  headerChanges: Type.Optional(Type.Array(HeaderChange)),
  bodyChange: Type.Optional(BodyChange),
})
export type TraceStep = Static<typeof TraceStep>

/** One request that a server of the engine answered. */
export const RequestRecord = Type.Object({
  id: Type.String({ description: 'Transaction id (X-Gravitee-Transaction-Id at the gateway)' }),
  server: Type.Union([Type.Literal('gateway'), Type.Literal('authorization')]),
  at: Type.Integer({ description: 'Milliseconds since the epoch, when the request arrived' }),
  method: Type.String(),
  path: Type.String({ description: 'Without query, which may carry secrets' }),
  status: Type.Integer({ description: '0 when the client went away before an answer' }),
  durationMs: Type.Number(),
  outcome: Type.Union([
    Type.Literal('answered'),
    Type.Literal('refused'),
    Type.Literal('failed'),
    Type.Literal('aborted'),
  ]),
  apiId: Type.Optional(Type.String()),
  apiName: Type.Optional(Type.String()),
  revision: Type.Optional(Type.Integer()),
  domainPath: Type.Optional(Type.String()),
  clientId: Type.Optional(Type.String()),
  /** Of the authorization server: which endpoint: token, introspect, revoke, discovery, jwks. `introspect` in process is told with inProcess. */
  endpoint: Type.Optional(Type.String()),
  inProcess: Type.Optional(Type.Boolean()),
  /**
   * Of the gateway: the domains of this very engine that found the caller's token good, in process. No record of its own tells of them;
   * of a token that was found wrong there is one.
   */
  introspections: Type.Optional(Type.Array(Type.Object({ domainPath: Type.String(), durationMs: Type.Number() }))),
  grantType: Type.Optional(Type.String()),
  /** The user that a request to the authorization server was about, as far as that is known. */
  userId: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  /** Whoever sent it proved to be the client or the user, or had a token or a code of theirs. */
  proven: Type.Optional(Type.Literal(true)),
  /** What came of it, in a sentence for the audit log; a refusal tells itself. */
  summary: Type.Optional(Type.String()),
  refusal: Type.Optional(Refusal),
  trace: Type.Optional(Type.Array(TraceStep)),
  /** Of a request that was traced: what it carried, credentials masked. Expressions can be tried on it. */
  carried: Type.Optional(
    Type.Object({
      query: Type.String(),
      headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
    }),
  ),
  seq: Type.Optional(Type.Integer({ description: 'Of a request that is kept' })),
})
export type RequestRecord = Static<typeof RequestRecord>

/** A request that is kept. */
export const KeptRecord = Type.Object({
  ...RequestRecord.properties,
  seq: Type.Integer({ minimum: 1, description: 'Grows by one with each request that is kept' }),
})
export type KeptRecord = Static<typeof KeptRecord>

/**
 * Whether the gateway turned the request away before the backend: what the OAuth2 policy answers is a refusal also where its
 * status is 503, because the authorization server could not be asked.
 */
export function turnedAway({ outcome, refusal }: Pick<RequestRecord, 'outcome' | 'refusal'>): boolean {
  return outcome === 'refused' || (outcome === 'failed' && refusal?.key.startsWith('OAUTH2_') === true)
}
