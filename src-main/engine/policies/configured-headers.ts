import { Type, type Static } from 'typebox'
import type { Exchange } from '../gateway/exchange'
import { isHeaderName, isWrittenByGateway, writableValue } from '../gateway/header-value'
import { configuredText } from './configured-text'
import { ConfigurationError, type Bound } from './policy'

/** One header of a configuration, as Gravitee writes it. */
export const ConfiguredHeader = Type.Object({
  name: Type.String({ title: 'Name', minLength: 1, maxLength: 256, examples: ['X-Tenant'] }),
  value: Type.String({ title: 'Value', 'x-expression': true, examples: ["{#request.headers['x-tenant'][0]}"] }),
})

/** What a value comes to with a request; null when its expression finds nothing. */
export interface PreparedHeader {
  /** As it is written. */
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
    const text = configuredText(bound, `${field}/${index}/value`, value)
    return {
      name,
      valueOf(exchange) {
        const written = text.constant ?? text.valueOf(exchange)
        if (written === null) return null
        return writableValue(name, text.constant ?? text.of(exchange))
      },
    }
  })
}

/** @throws ConfigurationError */
export function checkHeaderName(field: string, name: string): void {
  if (!isHeaderName(name))
    throw new ConfigurationError(field, `${name} is no name of a header`, 'Use letters, digits and dashes.')
  if (isWrittenByGateway(name))
    throw new ConfigurationError(field, `The header ${name} is written by the gateway itself`, 'Choose another header.')
}
