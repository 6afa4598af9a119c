import type { ResponseTemplate, ResponseTemplates } from '@shared/api-definition'
import { TEMPLATE_ROOTS } from '@shared/expressions'
import { escapePointer } from '@shared/json-pointer'
import type { FieldError } from '@shared/problem'
import { lookupIn, type ExpressionContext } from '../expression/context'
import { EvaluationError } from '../expression/evaluation-error'
import { valueOf } from '../expression/exchange-context'
import { ExpressionError } from '../expression/expression-error'
import { parseTemplate, type Template } from '../expression/template'
import { textOf } from '../expression/text-of'
import type { Failure } from '../policies/policy'
import type { Exchange } from './exchange'
import { headerValue, isHeaderName, isWrittenByGateway } from './header-value'

/** What stands for every failure that has no templates of its own. */
const DEFAULT_KEY = 'DEFAULT'
const ANY = '*/*'

/** An answer that a template gives in place of the gateway's own words. */
export interface TemplatedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface CompiledTemplate {
  /** Undefined: that of the failure. */
  readonly status: number | undefined
  readonly headers: readonly { readonly name: string; readonly value: Template }[]
  readonly body: Template
}

/** By failure key, then by media type in lower case. */
export type CompiledTemplates = ReadonlyMap<string, ReadonlyMap<string, CompiledTemplate>>

/** Undefined for an API without any. What is wrong goes to `errors`. */
export function compileTemplates(
  templates: ResponseTemplates = {},
  errors: FieldError[],
): CompiledTemplates | undefined {
  const keys = Object.entries(templates).map(([key, types]) => {
    const compiled = Object.entries(types).map(([type, template]) => {
      const at = `/responseTemplates/${escapePointer(key)}/${escapePointer(type)}`
      const where = `Response template ${key}, ${type}`
      if (type !== ANY && !/^[\w.+-]+\/[\w.+*-]+$/.test(type))
        errors.push({ field: at, message: `${where}: ${type} is no media type`, remedy: 'Use one such as application/json, or */* for any.' }) // prettier-ignore
      return [type.toLowerCase(), compileTemplate(template, at, where, errors)] as const
    })
    return [key, new Map(compiled)] as const
  })
  return keys.length === 0 ? undefined : new Map(keys)
}

function compileTemplate(
  { status, statusCode = status, headers = {}, body = '' }: ResponseTemplate,
  at: string,
  where: string,
  errors: FieldError[],
): CompiledTemplate {
  const read = (text: string, field: string): Template => {
    try {
      const template = parseTemplate(text, TEMPLATE_ROOTS)
      if (template.reads.size === 0) return template
      throw new ExpressionError(text, 0, 'A response template cannot look at a body')
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      errors.push({ field, message: `${where}: ${error.message}`, remedy: 'Correct the expression.' })
      return parseTemplate('')
    }
  }
  const compiled = Object.entries(headers).map(([name, value]) => {
    const field = `${at}/headers/${escapePointer(name)}`
    if (!isHeaderName(name) || isWrittenByGateway(name))
      errors.push({ field, message: `${where}: ${name} is ${isHeaderName(name) ? 'written by the gateway itself' : 'no name of a header'}`, remedy: 'Choose another header.' }) // prettier-ignore
    return { name, value: read(value, field) }
  })
  return { status: statusCode, headers: compiled, body: read(body, `${at}/body`) }
}

/**
 * What the API's templates answer a failure with; undefined where none fits what the caller accepts, or where one comes to what cannot
 * be written, so that the gateway's own words are told.
 *
 * @param status and message as the gateway would tell them
 */
export function templatedAnswer(
  templates: CompiledTemplates,
  failure: Failure,
  { status, message }: { readonly status: number; readonly message: string },
  exchange: Exchange,
  accept: string | undefined,
): TemplatedAnswer | undefined {
  const found = chosenTemplate(templates, failure.key, accept)
  if (found === undefined) return undefined
  const [type, template] = found
  const answered = template.status ?? status
  const error: Readonly<Record<string, unknown>> = { key: failure.key, message, status: answered }
  const parameters = lookupIn(failure.parameters ?? {})
  const context: ExpressionContext = {
    valueOf: (root, member) =>
      root === 'error' ? error[member] : root === 'parameters' ? parameters : valueOf(exchange, root, member),
  }
  try {
    const headers: Record<string, string> = type === ANY ? {} : { 'Content-Type': type }
    for (const { name, value } of template.headers) {
      const text = headerValue(textOf(value.evaluate(context)))
      if (text === undefined) return undefined
      if (name.toLowerCase() === 'content-type') delete headers['Content-Type']
      headers[name] = text
    }
    return { status: answered, headers, body: textOf(template.body.evaluate(context)) }
  } catch (thrown) {
    if (thrown instanceof EvaluationError) return undefined
    throw thrown
  }
}

function chosenTemplate(
  templates: CompiledTemplates,
  key: string,
  accept: string | undefined,
): readonly [type: string, CompiledTemplate] | undefined {
  for (const types of [templates.get(key), templates.get(DEFAULT_KEY)]) {
    if (types === undefined) continue
    for (const range of acceptedTypes(accept)) {
      const named = [...types].find(([type]) => type !== ANY && fits(type, range))
      if (named !== undefined && range !== ANY) return named
      const any = types.get(ANY)
      if (range === ANY && (any ?? named) !== undefined) return any === undefined ? named : [ANY, any]
    }
    const any = types.get(ANY)
    if (any !== undefined) return [ANY, any]
  }
  return undefined
}

const fits = (type: string, range: string): boolean =>
  range === ANY || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)))

/** What the caller accepts, the dearest first (RFC 9110 §12.5.1); everything when it does not say. */
function acceptedTypes(accept = ANY): string[] {
  return accept
    .toLowerCase()
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((each) => each.trim())
      const quality = parameters.find((each) => each.startsWith('q='))
      return { range, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
    })
    .filter(({ range, quality }) => range !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ range }) => range)
}
