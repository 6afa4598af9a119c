import type { ApiDefinition } from '@shared/api-definition'
import type { HeaderList } from '@shared/console'
import type { ExpressionSample, ExpressionTrial } from '@shared/expression-trial'
import { REQUEST_ROOTS, TEMPLATE_ROOTS } from '@shared/expressions'
import { bodyOf } from './gateway/body'
import type { Dictionaries } from './gateway/dictionaries'
import { endpointReferences } from './gateway/compile-endpoints'
import type { Exchange, Headers } from './gateway/exchange'
import { lookupIn, type ExpressionContext } from './expression/context'
import { EvaluationError } from './expression/evaluation-error'
import { valueOf } from './expression/exchange-context'
import { ExpressionError } from './expression/expression-error'
import { parseCondition, parseTemplate } from './expression/template'
import { textOf } from './expression/text-of'

export type ExpressionKind = 'text' | 'condition' | 'response-template'

/** Characters of a value that a trial shows. */
const SHOWN = 10_000

/** By the key of a dictionary, its values by key. */
export type TriedDictionaries = Dictionaries['byKey']

/** What a text comes to with a request; read and evaluated as the gateway would. */
export function tryExpression(
  text: string,
  kind: ExpressionKind,
  sample: ExpressionSample,
  api: ApiDefinition | undefined,
  dictionaries: TriedDictionaries = new Map(),
): ExpressionTrial {
  try {
    const context = contextOf(sample, api, dictionaries)
    const value =
      kind === 'condition'
        ? parseCondition(text).holds(context)
        : parseTemplate(text, kind === 'text' ? REQUEST_ROOTS : TEMPLATE_ROOTS).evaluate(context)
    return { ok: true, value: shown(value), text: textOf(value).slice(0, SHOWN) }
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, reason: error.reason, at: error.at }
    if (error instanceof EvaluationError) return { ok: false, reason: error.message }
    throw error
  }
}

function shown(value: unknown): unknown {
  const json = JSON.stringify(value ?? null)
  return json.length > SHOWN ? textOf(value).slice(0, SHOWN) : (JSON.parse(json) as unknown)
}

function contextOf(
  sample: ExpressionSample,
  api: ApiDefinition | undefined,
  dictionaries: TriedDictionaries,
): ExpressionContext {
  const exchange = exchangeOf(sample, api, dictionaries)
  const { key = '', message = '', status = 0, parameters = {} } = sample.error ?? {}
  const error: Readonly<Record<string, unknown>> = { key, message, status }
  return {
    valueOf(root, member) {
      if (root === 'error') return error[member] ?? null
      return root === 'parameters' ? lookupIn(parameters) : valueOf(exchange, root, member)
    },
  }
}

function exchangeOf(
  sample: ExpressionSample,
  api: ApiDefinition | undefined,
  dictionaries: TriedDictionaries,
): Exchange {
  const { method = 'GET', path = '/', headers = [], body, pathParams = {}, attributes = {}, response } = sample
  const mark = path.indexOf('?')
  const [before, query] = mark === -1 ? [path, ''] : [path.slice(0, mark), path.slice(mark + 1)]
  const contextPath = api?.listeners[0]?.paths[0]?.path ?? '/'
  const inside = before.startsWith(contextPath) ? before.slice(contextPath.length) : before
  const given = headersOf(headers)
  return {
    transactionId: '7a0c1a6e-0000-4000-8000-000000000001',
    requestId: '7a0c1a6e-0000-4000-8000-000000000002',
    api: {
      id: api?.id ?? '',
      name: api?.name ?? '',
      revision: 0,
      version: api?.apiVersion ?? null,
      properties: Object.fromEntries(
        (api?.properties ?? []).map(({ key, value, encryptable }) => [key, encryptable === true ? '••••' : value]),
      ),
      dictionaries: () => ({ byKey: dictionaries }),
      endpointReferences: endpointReferences(
        (api?.endpointGroups ?? []).flatMap((group) => [group.name, ...group.endpoints.map(({ name }) => name)]),
      ),
    },
    request: {
      method,
      path: before,
      contextPath,
      pathInfo: inside.startsWith('/') ? inside : `/${inside}`,
      query: new URLSearchParams(query),
      headers: given,
      pathParams,
      remoteAddress: '127.0.0.1',
      scheme: 'http',
      host: typeof given.host === 'string' ? given.host : 'localhost',
      timestamp: Date.now(),
      body: bodyOf(body ?? ''),
    },
    ...(response === undefined
      ? {}
      : {
          response: {
            status: response.status,
            headers: headersOf(response.headers ?? []),
            body: bodyOf(response.body ?? ''),
          },
        }),
    attributes: new Map(Object.entries(attributes)),
    trace: undefined,
  }
}

function headersOf(list: HeaderList): Headers {
  const headers: Headers = {}
  for (const { name, value } of list) {
    const before = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
