import { Type } from 'typebox'
import { ExpressionKind, ExpressionSample, ExpressionTrial } from '../expression-trial'
import { id, input, type OperationList } from './parts'

/** Trials of expressions. */
export const expressionOperations = {
  'expressions.evaluate': {
    summary: 'Try a text with expressions on a request: one that was recorded with its trace, or one that is given',
    input: input({
      text: Type.String({ maxLength: 100_000 }),
      kind: Type.Optional(ExpressionKind),
      apiId: Type.Optional(id('API')),
      recordId: Type.Optional(id('recorded request')),
      sample: Type.Optional(ExpressionSample),
    }),
    output: ExpressionTrial,
  },
} as const satisfies OperationList
