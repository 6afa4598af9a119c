import type { Domain } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { inputInvalid } from './problems'

/**
 * Refuses scopes that the domain does not have, and any that stands twice.
 *
 * @param fieldOf where in the input the scope with the index stands
 * @throws ProblemError INPUT_INVALID
 */
export function refuseUnknownScopes(
  domain: Domain,
  scopes: readonly string[],
  fieldOf: (index: number) => string,
): void {
  const seen = new Set<string>()
  const errors = scopes.flatMap((scope, index): FieldError[] => {
    const field = fieldOf(index)
    if (seen.has(scope)) return [{ field, message: `The scope ${scope} is named twice`, remedy: 'Remove the second.' }]
    seen.add(scope)
    if (domain.scopes.some(({ key }) => key === scope)) return []
    return [
      {
        field,
        message: `The domain ${domain.name} has no scope ${scope}`,
        remedy: `Add ${scope} to the scopes of the domain first.`,
      },
    ]
  })
  if (errors.length > 0) throw inputInvalid(errors)
}
