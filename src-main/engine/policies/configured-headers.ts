import { Type, type Static } from 'typebox'
import type { Exchange } from '../gateway/exchange'
import { textOf } from '../expression/text-of'
import { headerValue, isHeaderName, isWrittenByGateway, UnwritableHeader, writableValue } from '../gateway/header-value'
import { configuredText } from './configured-text'
import { ConfigurationError, type Bound } from './policy'

/** One header of a configuration, as Gravitee writes it. */
export const ConfiguredHeader = Type.Object({
  name: Type.String({ title: 'Name', minLength: 1, maxLength: 256, examples: ['X-Tenant'] }),
  value: Type.String({ title: 'Value', 'x-expression': true, examples: ["{#request.headers['x-tenant'][0]}"] }),
})

/** What a value comes to with a request; null when its expression finds nothing. */
export interface PreparedHeader {
  /** In lower case. */
  readonly name: string
  /** @throws UnwritableHeader, EvaluationError */
  valueOf(exchange: Exchange): string | null
}

/** @throws ConfigurationError for a name that is none or is not for policies, and for an expression that cannot be understood */
export function configuredHeaders(
  bound: Bound,
  field: string,
  headers: readonly Static<typeof ConfiguredHeader>[],
): PreparedHeader[] {
  return headers.map(({ name, value }, index) => {
    checkHeaderName(`${field}/${index}/name`, name)
    const { constant, valueOf } = configuredText(bound, `${field}/${index}/value`, value)
    return {
      name: name.toLowerCase(),
      valueOf: constant === undefined ? (exchange) => written(name, valueOf(exchange)) : constantly(name, constant),
    }
  })
}

function written(name: string, value: unknown): string | null {
  return value === null ? null : writableValue(name, textOf(value))
}

/** One that no header may have is told with each request, as an expression's is. */
function constantly(name: string, constant: string): () => string {
  const value = headerValue(constant)
  if (value !== undefined) return () => value
  return () => {
    throw new UnwritableHeader(name)
  }
}

/** @throws ConfigurationError */
export function checkHeaderName(field: string, name: string): void {
  if (!isHeaderName(name))
    throw new ConfigurationError(field, `${name} is no name of a header`, 'Use letters, digits and dashes.')
  if (isWrittenByGateway(name))
    throw new ConfigurationError(field, `The header ${name} is written by the gateway itself`, 'Choose another header.')
}
