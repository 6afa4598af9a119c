import type { Domain } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { scopesOf } from '@shared/standard-scopes'
import { inputInvalid } from './problems'

/**
 * Scopes that the domain does not have, and any that stands twice.
 *
 * @param fieldOf where the scope with the index stands
 */
export function unknownScopes(
  domain: Pick<Domain, 'name' | 'scopes'>,
  scopes: readonly string[],
  fieldOf: (index: number) => string,
): FieldError[] {
  const seen = new Set<string>()
  const known = new Set(scopesOf(domain).map(({ key }) => key))
  return scopes.flatMap((scope, index): FieldError[] => {
    const field = fieldOf(index)
    if (seen.has(scope)) return [{ field, message: `The scope ${scope} is named twice`, remedy: 'Remove the second.' }]
    seen.add(scope)
    if (known.has(scope)) return []
    if (scope === 'openid')
      return [
        {
          field,
          message: 'openid is not given: every application that users log in to may ask for it',
          remedy: 'Leave it out here, and name it in the scope of the request.',
        },
      ]
    return [
      {
        field,
        message: `The domain ${domain.name} has no scope ${scope}`,
        remedy: `Add ${scope} to the scopes of the domain first.`,
      },
    ]
  })
}

/** @throws ProblemError INPUT_INVALID for what `unknownScopes` finds */
export function refuseUnknownScopes(...where: Parameters<typeof unknownScopes>): void {
  const errors = unknownScopes(...where)
  if (errors.length > 0) throw inputInvalid(errors)
}
