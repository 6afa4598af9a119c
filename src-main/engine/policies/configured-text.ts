import { contextOf } from '../expression/exchange-context'
import { ExpressionError } from '../expression/expression-error'
import { parseTemplate } from '../expression/template'
import { textOf } from '../expression/text-of'
import type { Exchange } from '../gateway/exchange'
import { ConfigurationError, type Bound } from './policy'

/** A member of a configuration that may hold expressions, read at deploy. */
export interface ConfiguredText {
  /** The text where it holds no expression. */
  readonly constant: string | undefined
  /**
   * As text; nothing for what an expression does not find.
   *
   * @throws EvaluationError when it comes to more than a request may cost
   */
  of(exchange: Exchange): string
  /** As it is; null for what an expression does not find. */
  valueOf(exchange: Exchange): unknown
}

/**
 * Asks for the bodies that its expressions look at.
 *
 * @param field of the configuration, for the error
 * @throws ConfigurationError that points at the character which cannot be understood
 */
export function configuredText({ needsBody }: Bound, field: string, text: string): ConfiguredText {
  try {
    const { constant, evaluate, reads } = parseTemplate(text)
    for (const owner of reads) needsBody(owner)
    return {
      constant,
      of: constant === undefined ? (exchange) => textOf(evaluate(contextOf(exchange))) : () => constant,
      valueOf: (exchange) => evaluate(contextOf(exchange)) ?? null,
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw new ConfigurationError(field, error.message, 'Correct the expression.')
  }
}
