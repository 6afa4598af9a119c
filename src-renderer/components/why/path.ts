import type { Refusal, RequestRecord, TraceStep } from '@shared/traffic'

/** What a station's decision is called and drawn with; the word, not the colour, says it. */
export const decisions = {
  passed: { word: 'passed', icon: 'i-lucide-check', color: 'text-success', ring: 'ring-success/40' },
  refused: { word: 'refused', icon: 'i-lucide-x', color: 'text-error', ring: 'ring-error/50' },
  failed: { word: 'failed', icon: 'i-lucide-triangle-alert', color: 'text-error', ring: 'ring-error/50' },
  skipped: { word: 'skipped', icon: 'i-lucide-skip-forward', color: 'text-muted', ring: 'ring-default' },
  'not-reached': { word: 'not reached', icon: 'i-lucide-minus', color: 'text-dimmed', ring: 'ring-default' },
} as const satisfies Record<TraceStep['decision'], object>

/**
 * The stations of a request's way. Where no trace was kept they are made from the record: what came, and the refusal or
 * the answer. A refused request ends with the backend that was not called.
 */
export function stationsOf(record: RequestRecord): TraceStep[] {
  const steps = record.trace?.length ? withRefusal(record, record.trace) : withoutTrace(record)
  const atGateway = record.server === 'gateway'
  const stopped = record.outcome === 'refused' || record.outcome === 'failed'
  if (!atGateway || !stopped || steps.some(({ kind }) => kind === 'backend')) return steps
  const answer = steps.findIndex(({ kind }) => kind === 'answer')
  const at = answer < 0 ? steps.length : answer
  return [...steps.slice(0, at), notCalled, ...steps.slice(at)]
}

const notCalled: TraceStep = {
  kind: 'backend',
  title: 'Backend',
  decision: 'not-reached',
  sentence: 'Not called',
  evidence: [],
}

function withoutTrace(record: RequestRecord): TraceStep[] {
  const where = record.server === 'gateway' ? 'the gateway' : 'the authorization server'
  const arrival: TraceStep = {
    kind: 'arrival',
    title: 'Request arrived',
    decision: 'passed',
    sentence: `${record.method} ${record.path} at ${where}`,
    evidence: [],
  }
  return record.refusal ? [arrival, refused(record, record.refusal)] : [arrival]
}

/** A refusal before any policy stands in the record alone, e.g. that no API is on the path: it is a station too. */
function withRefusal(record: RequestRecord, trace: TraceStep[]): TraceStep[] {
  const told = trace.some(
    ({ kind, decision }) => kind !== 'answer' && (decision === 'refused' || decision === 'failed'),
  )
  if (!record.refusal || told) return trace
  const answer = trace.findIndex(({ kind }) => kind === 'answer' || kind === 'backend')
  return trace.toSpliced(answer < 0 ? trace.length : answer, 0, refused(record, record.refusal))
}

function refused(record: RequestRecord, refusal: Refusal): TraceStep {
  const domain = record.domainPath ? `Domain ${record.domainPath}` : 'Routing'
  return {
    kind: 'policy',
    title: record.apiName ? `API ${record.apiName}` : domain,
    decision: record.outcome === 'failed' ? 'failed' : 'refused',
    sentence: refusal.sentence,
    evidence: refusal.evidence,
    refusal,
  }
}

/** Milliseconds for reading: 0.04 ms, 12 ms, 1.2 s. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  if (ms >= 10) return `${Math.round(ms)} ms`
  return `${ms < 0.01 ? '< 0.01' : ms.toFixed(ms < 1 ? 2 : 1)} ms`
}
