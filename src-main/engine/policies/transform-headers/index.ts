import type { Exchange, Headers } from '../../gateway/exchange'
import { appendHeader, isHeaderName, UnwritableHeader } from '../../gateway/header-value'
import { configuredHeaders } from '../configured-headers'
import { ConfigurationError, definePolicy, type Failure } from '../policy'
import { configuration } from './configuration'
import guide from './guide.md?raw'

export const transformHeaders = definePolicy({
  id: 'transform-headers',
  name: 'Transform headers',
  summary: 'Sets, appends and removes headers',
  category: 'transformation',
  icon: 'i-lucide-replace',
  phases: ['request', 'response'],
  configuration,
  guide,
  errors: { TRANSFORM_HEADERS_FAILURE: { status: 500, meaning: 'A value cannot stand in a header' } },

  create({ addHeaders = [], appendHeaders = [], removeHeaders = [], whitelistHeaders = [] }, bound) {
    const set = configuredHeaders(bound, 'addHeaders', addHeaders)
    const appended = configuredHeaders(bound, 'appendHeaders', appendHeaders)
    const removed = namesOf('removeHeaders', removeHeaders)
    const kept = new Set(namesOf('whitelistHeaders', whitelistHeaders))

    function transform(exchange: Exchange, headers: Headers): Failure | undefined {
      try {
        for (const { name, valueOf } of set) {
          const value = valueOf(exchange)
          if (value !== null) headers[name] = value
        }
        for (const { name, valueOf } of appended) {
          const value = valueOf(exchange)
          if (value !== null) appendHeader(headers, name, value)
        }
      } catch (error) {
        if (error instanceof UnwritableHeader) return failed(error)
        throw error
      }
      for (const name of removed) if (headers[name] !== undefined) headers[name] = undefined
      if (kept.size > 0) for (const name in headers) if (!kept.has(name)) headers[name] = undefined
      exchange.trace?.passed('The headers are transformed')
      return undefined
    }

    return {
      request: (exchange) => transform(exchange, exchange.request.headers),
      response: (exchange) => transform(exchange, exchange.response?.headers ?? {}),
    }
  },
})

/** In lower case; blank entries, which forms leave, count for nothing. */
function namesOf(field: string, names: readonly (string | null)[]): string[] {
  return names.flatMap((name, index) => {
    const trimmed = name?.trim() ?? ''
    if (trimmed === '') return []
    if (isHeaderName(trimmed)) return [trimmed.toLowerCase()]
    throw new ConfigurationError(`${field}/${index}`, `${trimmed} is no name of a header`, 'Use letters, digits and dashes.') // prettier-ignore
  })
}

const failed = ({ message, header }: UnwritableHeader): Failure => ({
  key: 'TRANSFORM_HEADERS_FAILURE',
  status: 500,
  message: 'Unable to apply headers transformation',
  sentence: message,
  source: 'RFC 9110 §5.5',
  evidence: [{ label: 'Header', value: header }],
  remedies: [],
})
