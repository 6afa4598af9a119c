import type { KeptRecord, TraceStep } from '@shared/traffic'

/**
 * A record as it goes to a file: of a body that a step changed only the sizes. Its text is masked by telling names and looks, which is
 * good enough to be shown for a while, and not to be written down.
 */
export function withoutBodies(record: KeptRecord): KeptRecord {
  if (!record.trace?.some(({ bodyChange }) => bodyChange)) return record
  return { ...record, trace: record.trace.map(withoutBody) }
}

function withoutBody(step: TraceStep): TraceStep {
  if (!step.bodyChange) return step
  const { before: _before, after: _after, ...sizes } = step.bodyChange
  return { ...step, bodyChange: sizes }
}
