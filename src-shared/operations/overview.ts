import { Type } from 'typebox'
import { LiveCounts, WalkthroughStep, WalkthroughStepId } from '../overview'
import { RequestRecord } from '../traffic'
import { Empty, input, type OperationList } from './parts'

/** The walk-through, and the last minute in numbers. */
export const overviewOperations = {
  'overview.get': {
    summary: 'The walk-through as it stands, and the last minute in numbers',
    input: Empty,
    output: Type.Object({
      steps: Type.Array(WalkthroughStep),
      live: LiveCounts,
      lastRefusal: Type.Optional(RequestRecord),
    }),
  },
  'overview.perform': {
    summary: 'Do one step of the walk-through, with everything before it that it needs',
    input: input({ step: WalkthroughStepId }),
    output: Type.Object({ steps: Type.Array(WalkthroughStep) }),
  },
} as const satisfies OperationList
