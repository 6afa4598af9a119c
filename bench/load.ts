import autocannon from 'autocannon'
import { cpuMicroseconds, type Subject } from './process.ts'

export interface Target {
  readonly name: string
  readonly subject: Subject
  readonly request: { url: string; method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string }
}

export interface Measured {
  readonly name: string
  /** Requests a second: the median of the rounds, and each round. */
  readonly perSecond: number
  readonly rounds: number[]
  /** Milliseconds, of the median round. */
  readonly p50: number
  readonly p99: number
  /** CPU time of the server process for one request, microseconds. */
  readonly cpuPerRequest: number
}

export interface Effort {
  readonly connections: number
  readonly seconds: number
  readonly rounds: number
}

/**
 * Measures targets in turns (a b c, a b c, …), so that what slows the machine for a while slows all of them. Any answer
 * that is not 2xx fails the run: a fast refusal is no throughput.
 */
export async function measure(targets: readonly Target[], effort: Effort): Promise<Measured[]> {
  const runs = new Map<string, { perSecond: number; p50: number; p99: number; cpu: number }[]>()
  for (const target of targets) await fire(target, effort.connections, Math.min(2, effort.seconds))
  for (let round = 0; round < effort.rounds; round++) {
    for (const target of targets) {
      const before = cpuMicroseconds(target.subject.pid)
      const result = await fire(target, effort.connections, effort.seconds)
      const requests = result.requests.total
      const list = runs.get(target.name) ?? []
      list.push({
        perSecond: requests / result.duration,
        p50: result.latency.p50,
        p99: result.latency.p99,
        cpu: (cpuMicroseconds(target.subject.pid) - before) / requests,
      })
      runs.set(target.name, list)
    }
  }
  return targets.map(({ name }) => {
    const sorted = runs.get(name)!.toSorted((a, b) => a.perSecond - b.perSecond)
    const middle = sorted[Math.floor(sorted.length / 2)]!
    return {
      name,
      perSecond: middle.perSecond,
      rounds: runs.get(name)!.map((run) => Math.round(run.perSecond)),
      p50: middle.p50,
      p99: middle.p99,
      cpuPerRequest: middle.cpu,
    }
  })
}

async function fire(target: Target, connections: number, seconds: number): Promise<autocannon.Result> {
  const { url, method = 'GET', headers = {}, body } = target.request
  const result = await autocannon({
    url,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    connections,
    duration: seconds,
  })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${target.name}: ${result.non2xx} answers were not 2xx, ${result.errors} errors`)
  }
  return result
}

/** Sends exactly `amount` requests. */
export async function sendMany(target: Target, connections: number, amount: number): Promise<void> {
  const { url, method = 'GET', headers = {} } = target.request
  const result = await autocannon({ url, method, headers, connections, amount })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${target.name}: not every answer was 2xx`)
}
