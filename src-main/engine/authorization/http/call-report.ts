import type { Evidence, RequestRecord, TraceStep } from '@shared/traffic'
import { elapsed } from '../../elapsed'
import type { TokenFlaw } from '../tokens/verify-signature'
import { toRecordedReason, toRecordedRefusal, type OAuthRefusal, type Reason } from './oauth-refusal'

/** What is known of a request before anybody looked at it. */
export interface Arrival {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** `performance.now()` of the arrival. */
  readonly started: number
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly endpoint?: string
  readonly domainPath?: string
  /** The trace's stations, in order. */
  readonly stations: readonly string[]
  readonly traced: boolean
  readonly inProcess?: true
}

/** Whom and what a request is about. `username` may be what was typed; its first 64 characters are kept. */
export interface CallFacts {
  readonly grantType?: string
  readonly userId?: string
  readonly username?: string
  /** What came of it, e.g. "Logged in with a password". */
  readonly summary?: string
}

/** Gathers what is told about one request. Never given a secret or a token. */
export interface CallReport {
  /** The request is formed rightly and handed to its endpoint; what is refused before is refused at its arrival. */
  admitted(): void
  /** The client that the request names; its first 64 characters are recorded, for it may be anything. */
  client(clientId: string): void
  /** The client that the request names, whole. A function: a getter here would be a hidden class of V8's for each request. */
  clientId(): string | undefined
  /** What the request passes, where only its parameters tell. */
  stations(stations: readonly string[]): void
  /** Whoever sent the request proved to be its client or its user, or has a token or a code of theirs. */
  proved(): void
  /** Facts for the audit log. What is not given stays as it was told before. */
  about(facts: CallFacts): void
  /** Undefined unless this request is traced: `report.trace?.passed(…)` then costs nothing. */
  readonly trace: { passed(station: string, sentence: string, evidence?: readonly Evidence[]): void } | undefined
  /** A token was found inactive: told also without a trace, for the caller gets no reason. */
  inactive(flaw: TokenFlaw): void
  /** The browser will keep the answer from the page that asked: told as the refusal, unless the request is refused anyway. */
  withheld(reason: Reason): void
  /** The request is over. Status 0: the client went away before. */
  finish(status: number, refusal?: OAuthRefusal): RequestRecord
}

export function createCallReport(arrival: Arrival): CallReport {
  let clientId: string | undefined
  let isAdmitted = false
  let isProven = false
  let { stations } = arrival
  let facts: CallFacts = {}
  let flaw: TokenFlaw | undefined
  let withheld: Reason | undefined
  const passed: TraceStep[] = []
  let since = arrival.started

  const trace = arrival.traced
    ? {
        passed(station: string, sentence: string, evidence: readonly Evidence[] = []) {
          const now = performance.now()
          passed.push({ ...stationStep(station, 'passed', sentence, evidence), durationMs: now - since })
          since = now
        },
      }
    : undefined

  return {
    admitted() {
      isAdmitted = true
    },
    stations(found) {
      stations = found
    },
    client(id) {
      clientId = id
    },
    clientId: () => clientId,
    proved() {
      isProven = true
    },
    about(more) {
      const username = more.username?.slice(0, 64)
      facts = { ...facts, ...more, ...(username === undefined ? {} : { username }) }
    },
    trace,
    inactive(found) {
      flaw = found
    },
    withheld(reason) {
      withheld = reason
    },
    finish(status, refused) {
      const { id, at, started, method, path, endpoint, domainPath, inProcess } = arrival
      const own = refused === undefined ? undefined : toRecordedRefusal(refused)
      const kept = withheld === undefined ? undefined : toRecordedReason(withheld, status)
      const refusal = own ?? kept
      const told = [
        ...(flaw ? [stationStep('Token', 'refused', `The token is not active: ${flaw.reason}`, flaw.evidence)] : []),
        ...(kept ? [{ ...stationStep('Cross-origin', 'refused', kept.sentence, kept.evidence), refusal: kept }] : []),
      ]
      return {
        id,
        server: 'authorization',
        at,
        method,
        path: path.slice(0, 512),
        status,
        durationMs: elapsed(started),
        outcome: outcomeOf(status, refusal),
        ...(domainPath === undefined ? {} : { domainPath }),
        ...(clientId === undefined ? {} : { clientId: clientId.slice(0, 64) }),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(inProcess === undefined ? {} : { inProcess }),
        ...facts,
        ...(isProven ? { proven: true as const } : {}),
        ...(refusal === undefined ? {} : { refusal }),
        ...(arrival.traced
          ? { trace: wholeTrace({ ...arrival, stations }, isAdmitted, [...passed, ...told], status, own) }
          : told.length === 0
            ? {}
            : { trace: told }),
      }
    },
  }
}

function wholeTrace(
  { method, path, stations }: Arrival,
  isAdmitted: boolean,
  decided: readonly TraceStep[],
  status: number,
  refusal: RequestRecord['refusal'],
): TraceStep[] {
  const left = stations.filter((station) => decided.every(({ title }) => title !== station))
  // An admitted request is refused at the first station that it did not pass.
  const refusedAt = isAdmitted && refusal !== undefined ? left.shift() : undefined
  const arrival: TraceStep = {
    kind: 'arrival',
    title: 'Arrival',
    decision: refusal !== undefined && refusedAt === undefined ? 'refused' : 'passed',
    sentence: `${method} ${path.slice(0, 512)}`,
    evidence: [],
  }
  const failed = isFailure(status, refusal)
  const refusedStep =
    refusal && refusedAt !== undefined
      ? [{ ...stationStep(refusedAt, failed ? 'failed' : 'refused', refusal.sentence, refusal.evidence), refusal }]
      : []
  const answer: TraceStep = {
    kind: 'answer',
    title: 'Answer',
    decision: failed ? 'failed' : refusal === undefined ? 'passed' : 'refused',
    sentence: status === 0 ? 'The client went away before the answer' : `Answered ${status}`,
    evidence: [],
  }
  return [
    arrival,
    ...decided,
    ...refusedStep,
    ...left.map((station) => stationStep(station, 'not-reached', 'Not reached', [])),
    answer,
  ]
}

function stationStep(
  title: string,
  decision: TraceStep['decision'],
  sentence: string,
  evidence: readonly Evidence[],
): TraceStep {
  return { kind: 'policy', title, decision, sentence, evidence: [...evidence] }
}

/** A fault that is told by a redirect or a page is one all the same. */
function isFailure(status: number, refusal: RequestRecord['refusal']): boolean {
  return status >= 500 || (refusal?.status ?? 0) >= 500
}

/** And so is a refusal. */
function outcomeOf(status: number, refusal: RequestRecord['refusal']): RequestRecord['outcome'] {
  if (status === 0) return 'aborted'
  if (isFailure(status, refusal)) return 'failed'
  return status >= 400 || refusal !== undefined ? 'refused' : 'answered'
}
