import type { Root } from '@shared/expressions'
import type { ExpressionContext } from './context'
import { ExpressionError } from './expression-error'
import { isTrue } from './operators'
import { parse, type BodyOwner, type Parsed } from './parse'
import { joined, textOf } from './text-of'
import { tokenize, type Token } from './tokens'

/** A configured text with its expressions parsed. */
export interface Template extends Parsed {
  /** The text where it holds no expression. */
  readonly constant: string | undefined
  /**
   * One expression alone gives its value as it is; with text around it, or several, they give a text.
   *
   * @throws EvaluationError when it comes to more than a request may cost
   */
  readonly evaluate: Parsed['evaluate']
}

/** Where an expression starts: `{#`, `{(`, `{!` or `{T(`. Any other brace is text, so that JSON may stand in a configuration. */
const START = /\{\s*(?=[#(!]|T\()/g
const NOTHING: ReadonlySet<BodyOwner> = new Set()

/**
 * @param roots what an expression may start from where it stands
 * @throws ExpressionError that points at the character which cannot be understood
 */
export function parseTemplate(text: string, roots?: readonly Root[]): Template {
  const parts: (string | Parsed)[] = []
  let end = 0
  for (const { from, tokens, next } of expressionsIn(text)) {
    if (from > end) parts.push(text.slice(end, from))
    parts.push(parse(text, tokens, roots))
    end = next
  }
  if (end < text.length) parts.push(text.slice(end))

  const [first] = parts
  if (parts.every((part) => typeof part === 'string')) return { constant: text, evaluate: () => text, reads: NOTHING }
  if (parts.length === 1 && typeof first === 'object') return { constant: undefined, ...first }
  return {
    constant: undefined,
    evaluate: (context) => joined(parts.map((part) => (typeof part === 'string' ? part : textOf(part.evaluate(context))))), // prettier-ignore
    reads: new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [...part.reads]))),
  }
}

/**
 * The expressions of a text, one after the other, from its brace to what follows its end.
 *
 * @throws ExpressionError at a character that can stand in none
 */
export function* expressionsIn(
  text: string,
): Generator<{ readonly from: number; readonly tokens: readonly Token[]; readonly next: number }> {
  let next = 0
  for (;;) {
    START.lastIndex = next
    const found = START.exec(text)
    if (found === null) return
    const read = tokenize(text, found.index + 1)
    next = read.next
    yield { from: found.index, tokens: read.tokens, next }
  }
}

export interface Condition {
  /** @throws EvaluationError as of a template */
  readonly holds: (context: ExpressionContext) => boolean
  /**
   * Why it does not hold, in words; asked only for a trace.
   *
   * @throws EvaluationError as of a template
   */
  readonly whyNot: (context: ExpressionContext) => string
  readonly reads: ReadonlySet<BodyOwner>
}

/** @throws ExpressionError when it does not parse, or is no expression at all */
export function parseCondition(text: string): Condition {
  const { constant, evaluate, reads } = parseTemplate(text.trim())
  if (constant === undefined)
    return { holds: (context) => isTrue(evaluate(context)), whyNot: (context) => whyNot(evaluate(context)), reads }
  if (constant === 'true' || constant === 'false')
    return { holds: () => constant === 'true', whyNot: () => whyNot(false), reads }
  throw new ExpressionError(text, 0, "A condition is an expression in braces, such as {#request.method == 'GET'}")
}

/** Who compared with what Gravitee does may take a text or a list for true. */
function whyNot(value: unknown): string {
  if (typeof value === 'boolean') return 'Its condition does not hold'
  const kind =
    value === null || value === undefined
      ? 'nothing'
      : Array.isArray(value)
        ? 'a list'
        : typeof value === 'string'
          ? 'a text'
          : typeof value === 'number'
            ? 'a number'
            : 'a map'
  return `Its condition gives ${kind}, and only true holds`
}
