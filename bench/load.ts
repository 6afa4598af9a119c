import autocannon from 'autocannon'
import { cpuMicroseconds, type Subject } from './process.ts'

export interface Target {
  readonly name: string
  readonly subject: Subject
  readonly request: { url: string; method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string }
  /** For requests of which each has a body of its own; asked before each round, and not measured. */
  readonly prepare?: (requests: number) => Promise<Bodies>
}

/** The bodies of a round's requests. */
export interface Bodies {
  /** Of the next request. */
  next(): string
  /** Told each answer: the next request may need what stands in it. */
  answered?(body: string): void
}

export interface Measured {
  readonly name: string
  /** Requests a second: the median of the rounds, and each round. */
  readonly perSecond: number
  readonly rounds: number[]
  /** Milliseconds, of the median round. */
  readonly p50: number
  readonly p99: number
  /** CPU time of the server process for one request, microseconds: the median of the rounds. */
  readonly cpuPerRequest: number
}

export interface Effort {
  readonly connections: number
  readonly rounds: number
  /** Length of a round: seconds, or a number of requests where each must be prepared. */
  readonly seconds: number
  readonly requests?: number
  /** Before the first round, for each target; 5 unless given. */
  readonly warmUpSeconds?: number
}

const WARM_UP_SECONDS = 5

/**
 * Measures targets in turns (a b c, a b c, …), so that what slows the machine for a while slows all of them. Any answer
 * that is not 2xx fails the run: a fast refusal is no throughput.
 */
export async function measure(targets: readonly Target[], effort: Effort): Promise<Measured[]> {
  const runs = new Map<string, { perSecond: number; p50: number; p99: number; cpu: number }[]>()
  // Of the first seconds half the CPU time is V8's compilers.
  for (const target of targets) await fire(target, { ...effort, seconds: effort.warmUpSeconds ?? WARM_UP_SECONDS })
  for (let round = 0; round < effort.rounds; round++) {
    for (const target of targets) {
      const { result, before, seconds } = await fire(target, effort)
      const requests = result.requests.total
      const list = runs.get(target.name) ?? []
      list.push({
        perSecond: requests / seconds,
        p50: result.latency.p50,
        p99: result.latency.p99,
        cpu: (cpuMicroseconds(target.subject.pid) - before) / requests,
      })
      runs.set(target.name, list)
    }
  }
  return targets.map(({ name }) => {
    const sorted = runs.get(name)!.toSorted((a, b) => a.perSecond - b.perSecond)
    const half = Math.floor(sorted.length / 2)
    const middle = sorted[half]!
    return {
      name,
      perSecond: middle.perSecond,
      rounds: runs.get(name)!.map((run) => Math.round(run.perSecond)),
      p50: middle.p50,
      p99: middle.p99,
      cpuPerRequest: sorted.map(({ cpu }) => cpu).toSorted((a, b) => a - b)[half]!,
    }
  })
}

/** One round, what CPU time the server had used before it, and how long it took from the first request to the last answer. */
async function fire(
  target: Target,
  { connections, seconds, requests }: Effort,
): Promise<{ result: autocannon.Result; before: number; seconds: number }> {
  const { url, method = 'GET', headers = {}, body } = target.request
  // Each connection builds one request more than it sends.
  const bodies = await target.prepare?.((requests ?? 0) + 2 * connections)
  const before = cpuMicroseconds(target.subject.pid)
  const started = performance.now()
  let ended = started
  const result = await autocannon({
    url,
    method,
    headers,
    connections,
    setupClient(client) {
      // autocannon tells of a number of requests only in whole seconds how long they took.
      if (requests !== undefined) client.on('response', () => (ended = performance.now()))
      if (bodies !== undefined) client.setRequests([inTurn(bodies)])
    },
    ...(body === undefined ? {} : { body }),
    ...(requests === undefined ? { duration: seconds } : { amount: requests }),
  })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${target.name}: ${result.non2xx} answers were not 2xx, ${result.errors} errors`)
  }
  return { result, before, seconds: requests === undefined ? result.duration : (ended - started) / 1000 }
}

function inTurn(bodies: Bodies): autocannon.Request {
  return {
    setupRequest: (request) => ({ ...request, body: bodies.next() }),
    onResponse: (status, body) => {
      if (status === 200) bodies.answered?.(body)
    },
  }
}

/** Sends exactly `amount` requests. */
export async function sendMany(target: Target, connections: number, amount: number): Promise<void> {
  const { url, method = 'GET', headers = {} } = target.request
  const result = await autocannon({ url, method, headers, connections, amount })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${target.name}: not every answer was 2xx`)
}
