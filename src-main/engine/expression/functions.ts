import type { ExpressionFunction } from '@shared/expressions'
import { EvaluationError, checkLength } from './evaluation-error'
import { JsonPathError, parseJsonPath, type JsonPath } from './json-path'
import { textOf } from './text-of'

/** What `#name( )` does with its values; the second one of a path is prepared once where it is written out. */
export interface PreparedFunction {
  readonly takes: number
  readonly call: (args: readonly unknown[]) => unknown
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * @param path what stands as the second value, where that is a plain text
 * @throws JsonPathError for a path that cannot be understood
 */
export function prepareFunction(name: ExpressionFunction, path: string | undefined): PreparedFunction {
  switch (name) {
    case 'jsonPath': {
      const prepared = path === undefined ? undefined : parseJsonPath(path)
      return { takes: 2, call: ([value, given]) => (prepared ?? pathOf(given)).read(jsonOf(value)) }
    }
    case 'jsonEscape':
      return { takes: 1, call: ([text]) => JSON.stringify(textOf(text)).slice(1, -1) }
    case 'xmlEscape':
      return { takes: 1, call: ([text]) => xmlEscaped(textOf(text)) }
  }
}

function pathOf(path: unknown): JsonPath {
  try {
    return parseJsonPath(textOf(path))
  } catch (error) {
    if (error instanceof JsonPathError)
      throw new EvaluationError(`An expression gave a JSON path that cannot be read: ${error.message}`)
    throw error
  }
}

/** A text is read as JSON; null for one that is none. */
function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return null
  }
}

function xmlEscaped(text: string): string {
  const escaped = text.replace(/[&<>"']/g, (char) => ENTITIES[char]!)
  checkLength(escaped.length)
  return escaped
}
