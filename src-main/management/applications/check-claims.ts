import type { TokenCustomClaim } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { reservedClaims } from '@shared/reserved-claims'
import { CLAIM_ROOTS, templateFault } from '../../engine/template-fault'

/** What is wrong with the claims that an application adds; `field` is from the list on. */
export function claimErrors(claims: readonly TokenCustomClaim[]): FieldError[] {
  const seen = new Set<string>()
  return claims.flatMap(({ tokenType, claimName, claimValue }, index) => {
    const errors: FieldError[] = []
    const name = `${tokenType} ${claimName}`
    const token = tokenType === 'ID_TOKEN' ? 'ID token' : 'access token'
    if (reservedClaims[tokenType].has(claimName))
      errors.push({
        field: `/${index}/claimName`,
        message: `${claimName} is set by the authorization server itself`,
        remedy: `Choose another name for what the ${token} is to say.`,
      })
    else if (seen.has(name))
      errors.push({
        field: `/${index}/claimName`,
        message: `The ${token} has the claim ${claimName} already`,
        remedy: 'Change one of the two names, or remove one.',
      })
    seen.add(name)
    const fault = templateFault(claimValue, CLAIM_ROOTS)
    if (claimValue.trim() === '')
      errors.push({
        field: `/${index}/claimValue`,
        message: 'The claim has no value',
        remedy: 'Give it a text or an expression.',
      })
    else if (fault)
      errors.push({
        field: `/${index}/claimValue`,
        message: `${fault.reason} (character ${fault.at + 1})`,
        remedy: "Mend the expression, such as {#context.attributes['user'].email}.",
      })
    return errors
  })
}
