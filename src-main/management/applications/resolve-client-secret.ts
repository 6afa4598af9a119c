import { parseSecretReference } from '@shared/secret-reference'

/**
 * A client secret in the clear, from the reference in the application's document. Undefined when it is missing, and for what is no
 * reference: a secret that stands in the document itself authenticates nobody.
 */
export function resolveClientSecret(
  reference: string,
  secrets: { resolve(reference: string): string | undefined },
): string | undefined {
  return parseSecretReference(reference) === undefined ? undefined : secrets.resolve(reference)
}
