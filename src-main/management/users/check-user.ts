import type { Domain } from '@shared/domain'
import { escapePointer } from '@shared/json-pointer'
import type { Fault, FieldError } from '@shared/problem'
import { claimNameFault, claimValueFault, MOST_CLAIMS } from '@shared/user-claims'
import { emailFault, usernameKey } from '@shared/users'
import type { Profile } from './profile'

/** What is wrong with a profile, each with its pointer into the operation's input. */
export function profileErrors(
  domain: Domain,
  profile: Profile & { readonly groups?: readonly string[] | undefined },
): FieldError[] {
  const { email = '', additionalInformation = {}, roles = [], groups = [] } = profile
  return [
    ...told('/email', email.trim() === '' ? undefined : emailFault(email.trim())),
    ...claimErrors(additionalInformation),
    ...unknownIds('role', roles, domain.roles ?? [], '/roles'),
    ...unknownIds('group', groups, domain.groups ?? [], '/groups'),
  ]
}

function claimErrors(claims: Readonly<Record<string, unknown>>): FieldError[] {
  const names = Object.keys(claims)
  if (names.length > MOST_CLAIMS) {
    const message = `A user has at most ${MOST_CLAIMS} further claims; these are ${names.length}`
    return [{ field: '/additionalInformation', message, remedy: 'Leave some out.' }]
  }
  return Object.entries(claims).flatMap(([name, value]) =>
    told(`/additionalInformation/${escapePointer(name)}`, claimNameFault(name) ?? claimValueFault(name, value)),
  )
}

/** What of a list names nothing of the domain, or something twice. */
export function unknownIds(
  what: 'role' | 'group' | 'user',
  ids: readonly string[],
  known: readonly { readonly id: string }[],
  pointer: string,
): FieldError[] {
  const knownIds = new Set(known.map(({ id }) => id))
  const seen = new Set<string>()
  return ids.flatMap((id, index): FieldError[] => {
    const field = `${pointer}/${index}`
    if (seen.has(id)) return [{ field, message: `The ${what} is named twice`, remedy: 'Remove the second.' }]
    seen.add(id)
    if (knownIds.has(id)) return []
    const message = `The domain has no ${what} with the id ${id}`
    return [{ field, message, remedy: `Choose one of the domain's ${what}s; it may have been deleted meanwhile.` }]
  })
}

/** Whether another user of the domain has the name. */
export function usernameErrors({ name, users = [] }: Domain, username: string, except?: string): FieldError[] {
  const key = usernameKey(username)
  const other = users.find((user) => usernameKey(user.username) === key && user.id !== except)
  if (other === undefined) return []
  return [
    {
      field: '/username',
      message: `The domain ${name} has a user called ${other.username} already`,
      remedy: 'Choose another username; capitals make no difference.',
    },
  ]
}

export function told(field: string, fault: Fault | undefined): FieldError[] {
  return fault === undefined ? [] : [{ field, ...fault }]
}
