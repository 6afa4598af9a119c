import { isLookup } from './context'
import { checkLength } from './evaluation-error'

/**
 * A value as it stands in a text; nothing for what is missing. A list is its entries with commas between, an object its JSON.
 *
 * @throws EvaluationError when that is longer than an expression may give
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return joined(value.map(textOf), ',')
  if (typeof value === 'object') return isLookup(value) ? '' : JSON.stringify(value)
  return typeof value === 'function' || typeof value === 'symbol' ? '' : String(value as number | boolean | bigint)
}

/** @throws EvaluationError as of `textOf` */
export function joined(parts: readonly string[], separator = ''): string {
  let length = 0
  for (const part of parts) checkLength((length += part.length + separator.length))
  return parts.join(separator)
}
