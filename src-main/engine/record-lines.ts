import type { RequestRecord } from '@shared/traffic'

/** A batch of records as it crosses the thread: JSON, each record on a line of its own. */
export interface RecordLines {
  readonly records: readonly RequestRecord[]
  /** Each record as JSON, so that whoever writes it down need not make it anew. */
  readonly lines: readonly string[]
}

/** Within a JSON text a line end is always escaped: it separates, whatever the records hold. */
const SEPARATOR = ',\n'

export function packRecords(records: readonly RequestRecord[]): string {
  return records.map((record) => JSON.stringify(record)).join(SEPARATOR)
}

/** @param packed by `packRecords` */
export function unpackRecords(packed: string): RecordLines {
  return { records: JSON.parse(`[${packed}]`) as RequestRecord[], lines: packed.split(SEPARATOR) }
}
