import type { FieldError } from '@shared/problem'
import type { ExpressionContext } from '../../expression/context'
import { ExpressionError } from '../../expression/expression-error'
import { textOf } from '../../expression/text-of'
import { parseTemplate } from '../../expression/template'
import { headerValue } from '../header-value'

/** A configured text with its expressions parsed: a text where it holds none. */
export type TextTemplate = string | ((context: ExpressionContext) => string)

export interface HeaderTemplate {
  /** In lower case. */
  readonly name: string
  readonly value: TextTemplate
}

/** Reads a text with expressions; what cannot be read goes to `errors`. */
export function textTemplate(text: string, field: string, of: string, errors: FieldError[]): TextTemplate {
  try {
    const { constant, evaluate, reads } = parseTemplate(text)
    if (reads.size > 0)
      errors.push({ field, message: `${of}: the expression looks at a body, which is not collected for an endpoint`, remedy: 'Use a policy for that.' }) // prettier-ignore
    return constant ?? ((context) => textOf(evaluate(context)))
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    errors.push({ field, message: `${of}: the expression cannot be read. ${error.message}`, remedy: 'Correct the expression.' }) // prettier-ignore
    return ''
  }
}

export function headerTemplates(
  headers: readonly { readonly name: string; readonly value: string }[],
  at: string,
  of: string,
  errors: FieldError[],
): HeaderTemplate[] {
  return headers.map(({ name, value }, index) => ({
    name: name.toLowerCase(),
    value: textTemplate(value, `${at}/${index}/value`, of, errors),
  }))
}

/** RFC 9110 §7.6.1 and what frames a message: neither is anybody's to set. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['connection', 'content-length', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) // prettier-ignore

/** Headers that are sent to a backend; what no request may have goes to `errors`. */
export function requestHeaderTemplates(
  headers: readonly { readonly name: string; readonly value: string }[],
  at: string,
  of: string,
  errors: FieldError[],
): HeaderTemplate[] {
  for (const [index, { name }] of headers.entries())
    if (OF_THE_CONNECTION.has(name.toLowerCase()))
      errors.push({ field: `${at}/${index}/name`, message: `${of}: ${name} belongs to the connection, and is written by the gateway itself`, remedy: 'Remove this header.' }) // prettier-ignore
  const templates = headerTemplates(headers, at, of, errors)
  for (const [index, { name, value }] of templates.entries())
    if (typeof value === 'string' && headerValue(value) === undefined)
      errors.push({ field: `${at}/${index}/value`, message: `${of}: the value for the header ${name} holds a control character`, remedy: 'Remove it: a value is one line of text.' }) // prettier-ignore
  return templates
}

export function render(template: TextTemplate, context: () => ExpressionContext): string {
  return typeof template === 'string' ? template : template(context())
}
