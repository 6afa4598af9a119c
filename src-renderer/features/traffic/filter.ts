import type { RequestRecord } from '@shared/traffic'

export type TrafficFilter = {
  text: string
  outcome: RequestRecord['outcome'] | 'all'
  server: RequestRecord['server'] | 'all'
}

/** Whether a record is one that the person looks for; every word of the text must be found somewhere in it. */
export function matches(record: RequestRecord, filter: TrafficFilter): boolean {
  if (filter.outcome !== 'all' && record.outcome !== filter.outcome) return false
  if (filter.server !== 'all' && record.server !== filter.server) return false
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return true
  const text = [
    ...[record.method, record.path, record.status, record.id, record.apiName, record.domainPath, record.clientId],
    ...[record.endpoint, record.refusal?.key, record.refusal?.sentence],
  ]
    .join(' ')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}
