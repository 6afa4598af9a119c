import type { ServerResponse } from 'node:http'
import type { GatehouseEvent, StreamedEvent } from '@shared/events'
import type { Management } from '../management'

/** Bytes of events that are kept for a reader who is behind: 1 MiB. */
const BACKLOG_LIMIT = 1024 * 1024

/**
 * Streams what happens as server-sent events. A reader who does not keep up costs no more than its backlog: what comes beyond it
 * is left out, and the reader is told how much as soon as it has read up. Answers how to end the stream.
 */
export function streamEvents(management: Pick<Management, 'onEvent'>, stream: ServerResponse): () => void {
  let missed = 0
  const send = (event: StreamedEvent) => stream.write(`data: ${JSON.stringify(event)}\n\n`)
  const take = (event: GatehouseEvent) => {
    if (missed > 0 || stream.writableLength > BACKLOG_LIMIT) missed++
    else send(event)
  }
  const tellMissed = () => {
    if (missed === 0) return
    send({ type: 'missed', events: missed })
    missed = 0
  }

  stream.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  stream.write(': listening\n\n')
  const stop = management.onEvent(take)
  stream.on('drain', tellMissed).on('close', stop)
  return () => {
    stop()
    stream.off('drain', tellMissed).end()
  }
}
