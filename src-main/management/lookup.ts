import type { Dictionary } from '@shared/dictionary'
import type { Application, Domain, Group, Role, User } from '@shared/domain'
import type { Store, StoredApi } from '../workspace/store'
import { resolveClientSecret } from './applications/resolve-client-secret'
import { notFound } from './problems'

/** The domain with the id; ProblemError DOMAIN_NOT_FOUND when there is none. */
export function domainOf(store: Store, domainId: string): Domain {
  const domain = store.domains().find(({ id }) => id === domainId)
  if (!domain) throw notFound('domain', domainId)
  return domain
}

/** The dictionary with the id; ProblemError DICTIONARY_NOT_FOUND when there is none. */
export function dictionaryOf(store: Store, dictionaryId: string): Dictionary {
  const dictionary = store.dictionaries().find(({ id }) => id === dictionaryId)
  if (!dictionary) throw notFound('dictionary', dictionaryId)
  return dictionary
}

/** The application with the id in the domain; ProblemError APPLICATION_NOT_FOUND when there is none. */
export function applicationOf(domain: Domain, applicationId: string): Application {
  const application = domain.applications.find(({ id }) => id === applicationId)
  if (!application) throw notFound('application', applicationId)
  return application
}

/** The user with the id in the domain; ProblemError USER_NOT_FOUND when there is none. */
export function userOf({ users = [] }: Domain, userId: string): User {
  const user = users.find(({ id }) => id === userId)
  if (!user) throw notFound('user', userId)
  return user
}

/** The role with the id in the domain; ProblemError ROLE_NOT_FOUND when there is none. */
export function roleOf({ roles = [] }: Domain, roleId: string): Role {
  const role = roles.find(({ id }) => id === roleId)
  if (!role) throw notFound('role', roleId)
  return role
}

/** The group with the id in the domain; ProblemError GROUP_NOT_FOUND when there is none. */
export function groupOf({ groups = [] }: Domain, groupId: string): Group {
  const group = groups.find(({ id }) => id === groupId)
  if (!group) throw notFound('group', groupId)
  return group
}

/** The main secret of the application in the clear; undefined when it has none, or it is missing. */
export function clientSecretOf(store: Store, { clientSecret }: Application): string | undefined {
  return clientSecret === undefined ? undefined : resolveClientSecret(clientSecret, store.secrets)
}

/** Every secret in the clear by which the application can prove who it is now. */
export function validSecretsOf(store: Store, application: Application): string[] {
  const { clientSecret, clientSecretExpiresAt, furtherSecrets = [] } = application
  const all = [{ secret: clientSecret, expiresAt: clientSecretExpiresAt }, ...furtherSecrets]
  return all.flatMap(({ secret, expiresAt }) => {
    const isOver = expiresAt !== undefined && !(Date.parse(expiresAt) > Date.now())
    const value = secret === undefined || isOver ? undefined : resolveClientSecret(secret, store.secrets)
    return value === undefined ? [] : [value]
  })
}

/** The API with the id; ProblemError API_NOT_FOUND when there is none. */
export function apiOf(store: Store, apiId: string): StoredApi {
  const api = store.apis().find(({ definition }) => definition.id === apiId)
  if (!api) throw notFound('API', apiId)
  return api
}
