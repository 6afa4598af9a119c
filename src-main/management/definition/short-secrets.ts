import type { Property } from '@shared/api-definition'
import { SHORTEST_SECRET } from '@shared/dictionary'
import type { FieldError } from '@shared/problem'
import { parseSecretReference } from '@shared/secret-reference'

/** Why a secret cannot be one that expressions read; undefined when it can, or is not there yet. */
export function shortSecret(secret: string | undefined): Omit<FieldError, 'field'> | undefined {
  if (secret === undefined || secret === '' || secret.length >= SHORTEST_SECRET) return undefined
  return {
    message: `A secret of fewer than ${SHORTEST_SECRET} characters cannot be kept out of traces`,
    remedy: 'Take a longer one, or do not mark it as a secret.',
  }
}

/** What is typed for secrets and too short for one. */
export function shortSecretErrors(properties: readonly Property[] = [], at: string): FieldError[] {
  return properties.flatMap(({ value, encryptable, encrypted }, index) => {
    const isTyped = encryptable === true && encrypted !== true && parseSecretReference(value) === undefined
    const short = isTyped ? shortSecret(value) : undefined
    return short === undefined ? [] : [{ field: `${at}/${index}/value`, ...short }]
  })
}
