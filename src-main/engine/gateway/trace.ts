import type { Evidence, HeaderChange, Refusal, TraceStep } from '@shared/traffic'
import type { StepTrace } from './exchange'
import type { CompiledStep } from './compiled-api'

type Station = Omit<TraceStep, 'evidence' | 'durationMs' | 'refusal'> & {
  readonly evidence?: readonly Evidence[]
  readonly durationMs?: number | undefined
  readonly refusal?: Refusal | undefined
}

/** The stations of one request, in the order they were reached. Made only for requests whose trace somebody wants. */
export interface Trace {
  readonly stations: readonly TraceStep[]
  add(station: Station): void
  /** Collects what a policy tells while it runs; `end` puts the station down. */
  step(step: CompiledStep): StepTrace & { end(refusal: Refusal | undefined): void }
  skipped(step: CompiledStep): void
}

export function createTrace(): Trace {
  const stations: TraceStep[] = []
  const add: Trace['add'] = ({ evidence = [], durationMs, refusal, ...station }) =>
    void stations.push({
      ...station,
      evidence: [...evidence],
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(refusal === undefined ? {} : { refusal }),
    })
  const ofStep = ({ title, policy, place: { flow, phase, step } }: CompiledStep) => ({
    kind: 'policy' as const,
    title,
    policy,
    ...(flow === -1 ? {} : { at: { flow, phase, step } }),
  })
  return {
    stations,
    add,
    step(step) {
      const started = performance.now()
      const headerChanges: HeaderChange[] = []
      let told: { readonly sentence: string; readonly evidence: readonly Evidence[] } | undefined
      return {
        passed: (sentence, evidence = []) => void (told = { sentence, evidence }),
        headerChanged: (change) => void headerChanges.push(change),
        end(refusal) {
          add({
            ...ofStep(step),
            decision: refusal === undefined ? 'passed' : refusal.status >= 500 ? 'failed' : 'refused',
            sentence: refusal?.sentence ?? told?.sentence ?? 'The request goes on',
            evidence: refusal?.evidence ?? told?.evidence ?? [],
            durationMs: performance.now() - started,
            refusal,
            ...(headerChanges.length === 0 ? {} : { headerChanges }),
          })
        },
      }
    },
    skipped: (step) => add({ ...ofStep(step), decision: 'skipped', sentence: 'Its condition does not hold' }),
  }
}
