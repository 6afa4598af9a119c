import type { Phase } from '@shared/catalogue'

/** What is dragged in the studio: a policy of the catalogue, or a step of the shown flow. */
export type Dragged =
  | { kind: 'policy'; policy: string; phases: readonly Phase[] }
  | { kind: 'step'; phase: Phase; step: number; phases: readonly Phase[] }

/** A place between two steps. */
export type Gap = { kind: 'gap'; phase: Phase; step: number }

type Data = Record<string | symbol, unknown>

export const isDragged = (data: Data): data is Dragged => data.kind === 'policy' || data.kind === 'step'
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
