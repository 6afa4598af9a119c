import type { RequestRecord } from '@shared/traffic'

/** Longest wait of a record, milliseconds. */
const BATCH_MS = 100
const BATCH_RECORDS = 256
/** Records that may be in batches which nobody has taken yet; those beyond are dropped, so that memory stays flat. */
const QUEUE_LIMIT = 4096

/** Gathers records into batches. Answering requests never waits for it. */
export interface RecordBatches {
  add(record: RequestRecord): void
  /** The other side has taken a batch of so many. */
  taken(count: number): void
  flush(): void
}

export function createRecordBatches(send: (records: readonly RequestRecord[]) => void): RecordBatches {
  let batch: RequestRecord[] = []
  let under = 0
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (batch.length === 0) return
    under += batch.length
    send(batch)
    batch = []
  }

  return {
    add(record) {
      if (under + batch.length >= QUEUE_LIMIT) return
      batch.push(record)
      if (batch.length >= BATCH_RECORDS) flush()
      else timer ??= setTimeout(flush, BATCH_MS)
    },
    taken(count) {
      under = Math.max(0, under - count)
    },
    flush,
  }
}
