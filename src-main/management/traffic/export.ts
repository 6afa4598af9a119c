import type { TrafficExport, TrafficFormat } from '@shared/traffic-export'
import type { TrafficFilter } from '@shared/traffic-filter'
import { harOf, type Addresses } from './har'
import type { Traffic } from './traffic-log'
import { withoutBodies } from './without-bodies'

/** Characters of the records in an export, so that what crosses to the window or over HTTP stays of a size that can be held. */
const MOST_CHARACTERS = 64 * 1024 * 1024

/** The newest requests that fit as the content of a file; JSON lines oldest first, as HAR's entries are. */
export async function exportOf(
  traffic: Traffic,
  format: TrafficFormat,
  filter: TrafficFilter,
  limit: number,
  { addresses, version }: { readonly addresses: Addresses; readonly version: string },
): Promise<TrafficExport> {
  const found = await traffic.list(filter, limit + 1)
  const records = found.slice(0, limit).map(withoutBodies)
  let characters = 0
  const lines: string[] = []
  for (const record of records) {
    const line = JSON.stringify(record)
    characters += line.length
    if (characters > MOST_CHARACTERS) break
    lines.push(line)
  }
  const isWhole = lines.length === found.length
  const text =
    format === 'jsonl'
      ? lines
          .reverse()
          .map((line) => `${line}\n`)
          .join('')
      : `${JSON.stringify(harOf(records.slice(0, lines.length), addresses, version), undefined, 1)}\n`
  return { text, requests: lines.length, isWhole }
}
