import type { GatehouseEvent } from '@shared/events'
import type { RequestRecord } from '@shared/traffic'

/** How often the window is told of requests at most, milliseconds: more often than it can be read is of no use. */
const EVERY_MS = 250
/** Requests that it is told of at a time, the newest: it lists no more than that. */
const MOST_RECORDS = 1000

/**
 * Passes events on to the window. Requests go together and without the way they took, which the window asks for when it shows
 * it: thousands a second would keep it from everything else. Answers what takes the events, and how to stop.
 */
export function coalesceTraffic(send: (event: GatehouseEvent) => void): {
  take(event: GatehouseEvent): void
  stop(): void
} {
  let waiting: RequestRecord[] = []
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    timer = undefined
    if (waiting.length === 0) return
    send({ type: 'traffic', records: waiting })
    waiting = []
    timer = setTimeout(flush, EVERY_MS)
  }

  return {
    take(event) {
      if (event.type !== 'traffic') return send(event)
      waiting.push(...event.records.map(({ trace: _trace, ...record }) => record))
      if (waiting.length > MOST_RECORDS) waiting = waiting.slice(-MOST_RECORDS)
      // The first of a quiet time goes at once.
      if (timer === undefined) flush()
    },
    stop() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
