import type { Evidence, Refusal, TraceStep } from '@shared/traffic'
import type { Exchange, StepTrace } from './exchange'
import type { CompiledStep } from './compiled-api'
import { watchChanges } from './watch-changes'

type Station = Omit<TraceStep, 'evidence' | 'durationMs' | 'refusal'> & {
  readonly evidence?: readonly Evidence[]
  readonly durationMs?: number | undefined
  readonly refusal?: Refusal | undefined
}

/** The stations of one request, in the order they were reached. Made only for requests whose trace somebody wants. */
export interface Trace {
  readonly stations: readonly TraceStep[]
  add(station: Station): void
  /** Collects what a policy tells and changes while it runs; `end` puts the station down. */
  step(step: CompiledStep, exchange: Exchange): StepTrace & { end(refusal: Refusal | undefined): void }
  skipped(step: CompiledStep, sentence: string): void
  /** Stands with the station that is added next. */
  noticed(fact: Evidence): void
}

export function createTrace(): Trace {
  const stations: TraceStep[] = []
  const noted: Evidence[] = []
  const noticed: Trace['noticed'] = (fact) => {
    if (!noted.some(({ label, value }) => label === fact.label && value === fact.value)) noted.push(fact)
  }
  const add: Trace['add'] = ({ evidence = [], durationMs, refusal, ...station }) =>
    void stations.push({
      ...station,
      evidence: [...evidence, ...noted.splice(0)],
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
    noticed,
    step(step, exchange) {
      const started = performance.now()
      const changes = watchChanges(exchange, step.place.phase)
      let told: { readonly sentence: string; readonly evidence: readonly Evidence[] } | undefined
      return {
        passed: (sentence, evidence = []) => void (told = { sentence, evidence }),
        noticed,
        end(refusal) {
          add({
            ...ofStep(step),
            decision: refusal === undefined ? 'passed' : refusal.status >= 500 ? 'failed' : 'refused',
            sentence: refusal?.sentence ?? told?.sentence ?? 'The request goes on',
            evidence: refusal?.evidence ?? told?.evidence ?? [],
            durationMs: performance.now() - started,
            refusal,
            ...changes(),
          })
        },
      }
    },
    skipped: (step, sentence) => add({ ...ofStep(step), decision: 'skipped', sentence }),
  }
}
