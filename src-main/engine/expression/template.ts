import type { ExpressionContext, Root } from './context'
import { textOf } from './methods'
import { isTrue } from './operators'
import { parse, type Evaluate } from './parse'
import { tokenize } from './tokens'
import { ExpressionError } from './expression-error'

/** A configured text with its expressions parsed. */
export interface Template {
  /** The text where it holds no expression. */
  readonly constant: string | undefined
  /** One expression alone gives its value as it is; with text around it, or several, they give a text. */
  readonly evaluate: Evaluate
}

/** Where an expression starts: `{#`, `{(` or `{!`. Any other brace is text, so that JSON may stand in a configuration. */
const START = /\{\s*(?=[#(!])/g

/**
 * @param roots what an expression may start from where it stands
 * @throws ExpressionError that points at the character which cannot be understood
 */
export function parseTemplate(text: string, roots?: readonly Root[]): Template {
  const parts: (string | Evaluate)[] = []
  let end = 0
  for (START.lastIndex = 0; ; START.lastIndex = end) {
    const found = START.exec(text)
    if (found === null) break
    if (found.index > end) parts.push(text.slice(end, found.index))
    const { tokens, next } = tokenize(text, found.index + 1)
    parts.push(parse(text, tokens, roots))
    end = next
  }
  if (end < text.length) parts.push(text.slice(end))

  const [first] = parts
  if (parts.every((part) => typeof part === 'string')) return { constant: text, evaluate: () => text }
  if (parts.length === 1 && typeof first === 'function') return { constant: undefined, evaluate: first }
  return {
    constant: undefined,
    evaluate: (context) => parts.map((part) => (typeof part === 'string' ? part : textOf(part(context)))).join(''),
  }
}

/** @throws ExpressionError when it does not parse, or is no expression at all */
export function parseCondition(text: string): (context: ExpressionContext) => boolean {
  const { constant, evaluate } = parseTemplate(text.trim())
  if (constant === undefined) return (context) => isTrue(evaluate(context))
  if (constant === 'true' || constant === 'false') return () => constant === 'true'
  throw new ExpressionError(text, 0, "A condition is an expression in braces, such as {#request.method == 'GET'}")
}
