import type { Phase } from '@shared/catalogue'

/** What is dragged in the studio: a policy of the catalogue, or a step of the shown flow. */
export type Dragged =
  | { kind: 'policy'; policy: string; phases: readonly Phase[] }
  | { kind: 'step'; phase: Phase; step: number; phases: readonly Phase[] }

/** A flow of the list. */
export type DraggedFlow = { kind: 'flow'; planId: string | undefined; flow: number }

/** A place between two flows, of the API or of a plan. */
export type FlowGap = { kind: 'flow-gap'; planId: string | undefined; flow: number }

/** A place between two steps. */
export type Gap = { kind: 'gap'; phase: Phase; step: number }

type Data = Record<string | symbol, unknown>

export const isDragged = (data: Data): data is Dragged => data.kind === 'policy' || data.kind === 'step'
export const isDraggedFlow = (data: Data): data is DraggedFlow => data.kind === 'flow'
export const isFlowGap = (data: Data): data is FlowGap => data.kind === 'flow-gap'
export const isGap = (data: Data): data is Gap => data.kind === 'gap'

/** Whether what is dragged may be put into a gap: only phases that the policy runs in, and not where it stands already. */
export function mayDrop(dragged: Data, gap: { phase: Phase; step: number }): boolean {
  if (!isDragged(dragged) || !dragged.phases.includes(gap.phase)) return false
  return (
    dragged.kind === 'policy' ||
    dragged.phase !== gap.phase ||
    (gap.step !== dragged.step && gap.step !== dragged.step + 1)
  )
}
