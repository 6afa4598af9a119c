import { Type, type Static } from 'typebox'

/** The walk-through's steps, in order. */
export const WalkthroughStepId = Type.Union([
  Type.Literal('application'),
  Type.Literal('api'),
  Type.Literal('resource'),
  Type.Literal('policy'),
  Type.Literal('deploy'),
  Type.Literal('refused'),
  Type.Literal('answered'),
])
export type WalkthroughStepId = Static<typeof WalkthroughStepId>

export const WalkthroughStep = Type.Object({
  id: WalkthroughStepId,
  done: Type.Boolean({ description: 'From what is in the workspace or has truly happened, never from a click' }),
  evidence: Type.Optional(
    Type.String({ description: 'What ticked it, e.g. orders-service in domain demo, or what keeps it open' }),
  ),
  /** Where the step is done, so that the window can take a person there. */
  domainId: Type.Optional(Type.String()),
  applicationId: Type.Optional(Type.String()),
  apiId: Type.Optional(Type.String()),
})
export type WalkthroughStep = Static<typeof WalkthroughStep>

/** What happened in the last 60 s, for the picture's edges and the status bar. */
export const LiveCounts = Type.Object({
  requests: Type.Integer(),
  answered: Type.Integer(),
  refused: Type.Integer(),
  failed: Type.Integer(),
  tokens: Type.Integer(),
  introspections: Type.Integer(),
  refusalsByKey: Type.Array(Type.Object({ key: Type.String(), sentence: Type.String(), count: Type.Integer() })),
})
export type LiveCounts = Static<typeof LiveCounts>
