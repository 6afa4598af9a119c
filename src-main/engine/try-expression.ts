import type { ApiDefinition } from '@shared/api-definition'
import type { HeaderList } from '@shared/console'
import type { ExpressionKind, ExpressionSample, ExpressionTrial, ValueType } from '@shared/expression-trial'
import { REQUEST_ROOTS, TEMPLATE_ROOTS } from '@shared/expressions'
import { bodyOf } from './gateway/body'
import type { Dictionaries } from './gateway/dictionaries'
import { endpointReferences } from './gateway/compile-endpoints'
import type { Exchange, Headers } from './gateway/exchange'
import { compileFlowPath } from './gateway/flow-path'
import { readRequestPath } from './gateway/request-path'
import { lookupIn, type ExpressionContext } from './expression/context'
import { EvaluationError } from './expression/evaluation-error'
import { valueOf } from './expression/exchange-context'
import { ExpressionError } from './expression/expression-error'
import { parseCondition, parseTemplate } from './expression/template'
import { textOf } from './expression/text-of'

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
    const value = read(text, kind)(contextOf(sample, api, dictionaries))
    return { ok: true, type: typeOf(value), value: shown(value), text: textOf(value).slice(0, SHOWN) }
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, reason: error.reason, at: error.at + before(text, kind) }
    if (error instanceof EvaluationError) return { ok: false, reason: error.message }
    throw error
  }
}

/** @throws ExpressionError */
function read(text: string, kind: ExpressionKind): (context: ExpressionContext) => unknown {
  if (kind === 'condition') return parseCondition(text).holds
  const { evaluate, reads } = parseTemplate(text, kind === 'text' ? REQUEST_ROOTS : TEMPLATE_ROOTS)
  if (kind === 'response-template' && reads.size > 0)
    throw new ExpressionError(text, 0, 'A response template cannot look at a body')
  return evaluate
}

/** A condition is read without the spaces around it. */
const before = (text: string, kind: ExpressionKind): number =>
  kind === 'condition' ? text.length - text.trimStart().length : 0

function typeOf(value: unknown): ValueType {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'map'
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text'
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
  const { method = 'GET', path = '/', headers = [], body, attributes = {}, response } = sample
  const mark = path.indexOf('?')
  const [before, query] = mark === -1 ? [path, ''] : [path.slice(0, mark), path.slice(mark + 1)]
  const contextPath = api?.listeners[0]?.paths[0]?.path ?? '/'
  const inside = before.startsWith(contextPath) ? before.slice(contextPath.length) : before
  const pathInfo = inside.startsWith('/') ? inside : `/${inside}`
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
      pathInfo,
      query: new URLSearchParams(query),
      headers: given,
      pathParams: sample.pathParams ?? pathParamsOf(api, method, pathInfo),
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

/** The parameters of every flow whose path and methods fit, those of plans first, as the gateway comes by them. */
function pathParamsOf(api: ApiDefinition | undefined, method: string, pathInfo: string): Record<string, string> {
  const read = readRequestPath(pathInfo)
  if (typeof read === 'string') return {}
  const segments = read.matched.split('/').slice(1)
  const flows = [...(api?.plans.flatMap((plan) => plan.flows ?? []) ?? []), ...(api?.flows ?? [])]
  const found = flows.flatMap(({ enabled, selectors }) => {
    const http = enabled ? selectors.find((selector) => selector.type === 'http') : undefined
    const fits = http !== undefined && (!http.methods?.length || http.methods.some((each) => each === method))
    return fits ? [compileFlowPath(http).match(segments) ?? {}] : []
  })
  return Object.assign({}, ...found) as Record<string, string> // each of them is one
}

function headersOf(list: HeaderList): Headers {
  const headers: Headers = {}
  for (const { name, value } of list) {
    const before = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
