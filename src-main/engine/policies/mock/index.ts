import { Type } from 'typebox'
import { bodyOf } from '../../gateway/body'
import { appendHeader, UnwritableHeader } from '../../gateway/header-value'
import type { Headers } from '../../gateway/exchange'
import { ConfiguredHeader, configuredHeaders } from '../configured-headers'
import { configuredText } from '../configured-text'
import { ConfigurationError, definePolicy, type Failure } from '../policy'
import { statusChoice } from '../statuses'
import guide from './guide.md?raw'

const configuration = Type.Object({
  status: statusChoice({ title: 'Status', description: 'What the caller is answered with', default: '200' }),
  headers: Type.Optional(
    Type.Array(ConfiguredHeader, {
      title: 'Headers',
      description: 'Without a Content-Type the content decides: JSON, XML or plain text',
      default: [],
    }),
  ),
  content: Type.Optional(
    Type.String({
      title: 'Content',
      description: 'The body; may hold expressions',
      format: 'text',
      'x-expression': true,
      examples: ['{"hello": "{#request.params[\'name\'][0]}"}'],
    }),
  ),
})

export const mock = definePolicy({
  id: 'mock',
  name: 'Mock',
  summary: 'Answers in the backend’s place',
  category: 'other',
  icon: 'i-lucide-drama',
  phases: ['request'],
  configuration,
  guide,
  errors: { MOCK_FAILURE: { status: 500, meaning: 'A value cannot stand in a header' } },

  create({ status: text, headers: configured = [], content: body = '' }, bound) {
    const status = Number(text)
    if (status < 200)
      throw new ConfigurationError('status', `${status} is no status that ends a request`, 'Choose 200 or above.')
    const content = configuredText(bound, 'content', body)
    const headers = configuredHeaders(bound, 'headers', configured.filter(({ name }) => name.trim() !== '')) // prettier-ignore

    return {
      request(exchange) {
        const answer = content.of(exchange)
        const written: Headers = {}
        if (answer !== '') written['content-type'] = contentTypeOf(answer)
        const own = new Set<string>()
        try {
          for (const { name, valueOf } of headers) {
            const value = valueOf(exchange)
            if (value === null) continue
            if (own.has(name)) appendHeader(written, name, value)
            else written[name] = value
            own.add(name)
          }
        } catch (error) {
          if (error instanceof UnwritableHeader) return failed(error)
          throw error
        }
        exchange.answer = { status, headers: written, body: bodyOf(answer), sentence: `The mock answers ${status} in the backend’s place` } // prettier-ignore
        exchange.trace?.passed(`The mock will answer ${status}; the backend is not called`)
        return undefined
      },
    }
  },
})

function contentTypeOf(content: string): string {
  if (/^\s*[{[]/.test(content)) return 'application/json'
  return /^\s*</.test(content) ? 'text/xml' : 'text/plain'
}

const failed = ({ message, header }: UnwritableHeader): Failure => ({
  key: 'MOCK_FAILURE',
  status: 500,
  message: 'Unable to make the mock answer',
  sentence: message,
  source: 'RFC 9110 §5.5',
  evidence: [{ label: 'Header', value: header }],
  remedies: [],
})
