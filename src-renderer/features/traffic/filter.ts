import type { RequestRecord } from '@shared/traffic'
import type { TrafficFilter } from '@shared/traffic-filter'

/** What a person looks for, as the page's controls hold it; 'all' and undefined do not matter. */
export interface TrafficQuery {
  text: string
  /** `all`, `server gateway`, `api <id>` or `domain <path>`. */
  where: string
  clientId: string
  outcome: RequestRecord['outcome'] | 'all'
  statusClass: '0' | '2' | '3' | '4' | '5' | 'all'
  method: string
  /** A part of the time that was chosen in a chart; milliseconds since the epoch. */
  time: { from: number; to: number } | undefined
}

export const everything: TrafficQuery = {
  ...{ text: '', where: 'all', clientId: 'all', outcome: 'all', statusClass: 'all', method: 'all', time: undefined },
}

/** A server, an API or a domain. */
function subjectOf(where: string): Pick<TrafficFilter, 'server' | 'apiId' | 'domainPath'> {
  const [kind = '', name = ''] = where.split(/ (.*)/s)
  if (kind === 'api') return { apiId: name }
  if (kind === 'domain') return { domainPath: name }
  return kind === 'server' ? { server: name as RequestRecord['server'] } : {} // one of the two that are offered
}

export function filterOf({ text, where, clientId, outcome, statusClass, method, time }: TrafficQuery): TrafficFilter {
  return {
    ...subjectOf(where),
    ...(text.trim() === '' ? {} : { text: text.trim().slice(0, 256) }),
    ...(clientId === 'all' ? {} : { clientId }),
    ...(outcome === 'all' ? {} : { outcomes: [outcome] }),
    ...(statusClass === 'all' ? {} : { statusClasses: [Number(statusClass)] }),
    ...(method === 'all' ? {} : { methods: [method] }),
    ...time,
  }
}

/** Whether anything is left out. */
export function isNarrowed(query: TrafficQuery): boolean {
  return Object.keys(filterOf(query)).length > 0
}
