import type { RequestRecord } from '@shared/traffic'
import type { ClientRequest } from '../listening/client-message'
import { canonical } from './header-value'
import { maskedForm, maskedHeader } from './masking'

/** Headers that a record shows, and characters of the query. */
const MOST_HEADERS = 100
const MOST_QUERY = 2048
/** The console's own, which nobody else may learn. */
const TRACE_KEY = 'x-gatehouse-trace'

/** What a traced request carried, credentials masked. */
export function carried({ url = '', rawHeaders }: ClientRequest): NonNullable<RequestRecord['carried']> {
  const mark = url.indexOf('?')
  const headers: { name: string; value: string }[] = []
  for (let i = 0; i + 1 < rawHeaders.length && headers.length < MOST_HEADERS; i += 2) {
    const [name, value] = [rawHeaders[i]!, rawHeaders[i + 1]!]
    if (name.toLowerCase() !== TRACE_KEY)
      headers.push({ name: canonical(name.toLowerCase()), value: maskedHeader(name, value) })
  }
  return { query: mark === -1 ? '' : maskedForm(url.slice(mark + 1)).slice(0, MOST_QUERY), headers }
}
