import { randomUUID } from 'node:crypto'
import { brandingOf, logoFault } from '@shared/branding'
import type { Domain, DomainOverview, Role } from '@shared/domain'
import type { SigningAlgorithm } from '@shared/signing-key'
import { freeName, slugOf } from '../workspace/layout'
import type { Context, HandlersOf } from './context'
import { sealedSecretIds } from './applications/client-secrets'
import { keySecretId, newSigningKey, type NewSigningKey } from './keys/new-signing-key'
import { domainOf } from './lookup'
import { conflict, fieldInvalid, notConfirmed, notFound } from './problems'
import { followingApis, type Following } from './running/following'
import { pointResourcesAtDomain } from './running/own-authorization'
import { withDomain, withoutDomain, withoutSecrets, withSecrets } from './running/workspace-view'
import { userSecretId } from './users/user-details'

/** Security domains. What is saved runs at once; what the engine does not take is not saved. */
export function domainHandlers(context: Context): HandlersOf<'domains'> {
  const { store, running, exclusive, clock } = context
  const saveChanged = (domainId: string, change: (domain: Domain) => Domain | Promise<Domain>) =>
    exclusive(async () => saveDomain(context, await change(domainOf(store, domainId))))

  return {
    'domains.list': async () => store.domains().map(overviewOf),
    'domains.get': async ({ domainId }) => overviewOf(domainOf(store, domainId)),

    'domains.create': ({ name, path, description, signingAlgorithm }) =>
      exclusive(async () => {
        if (path !== undefined) refuseTakenPath(context, path)
        const keys = await firstKeys(signingAlgorithm, clock.now())
        const now = new Date().toISOString()
        const domain: Domain = {
          id: randomUUID(),
          name: name.trim(),
          path: path ?? freePath(context, name),
          ...(description === undefined ? {} : { description }),
          enabled: true,
          scopes: [],
          keys: keys.map(({ key }) => key),
          applications: [],
          createdAt: now,
          updatedAt: now,
        }
        const secrets = Object.fromEntries(keys.map(({ secretId, secret }) => [secretId, secret]))
        return saveDomain(context, domain, secrets)
      }),

    'domains.update': ({ domainId, ...change }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const { path = domain.path, branding, ...others } = change
        const fault = branding?.logo === undefined ? undefined : logoFault(branding.logo)
        if (fault !== undefined) throw fieldInvalid('/branding/logo', fault.message, fault.remedy)
        if (path !== domain.path) refuseTakenPath(context, path, domainId)
        const { known, now } = running.ownAuthorization()
        const servers = new Set([...known, ...(now === undefined ? [] : [now])])
        const apis = followingApis(
          store,
          (definition) => pointResourcesAtDomain(definition, servers, domain.path, path),
          `Resources follow the domain ${domain.name} from ${domain.path} to ${path}`,
        )
        const changed: Domain = {
          ...domain,
          ...others,
          path,
          ...(change.name === undefined ? {} : { name: change.name.trim() }),
          ...(branding === undefined ? {} : { branding: brandingOf(branding) }),
        }
        return saveDomain(context, changed, {}, path === domain.path ? undefined : apis)
      }),

    'domains.delete': ({ domainId, confirmName }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        if (confirmName.trim() !== domain.name) throw notConfirmed('domain', domain.name)
        // The document first: killed before its secrets are gone, they are only left over.
        const secrets = [
          ...domain.keys.map(({ id }) => keySecretId(id)),
          ...domain.applications.flatMap(sealedSecretIds),
          ...(domain.users ?? []).map(({ id }) => userSecretId(id)),
        ]
        await running.change({
          view: (saved) => withoutSecrets(withoutDomain(saved, domainId), secrets),
          save: () => store.deleteDomain(domainId),
        })
        await store.secrets.remove(secrets)
        await context.audit.clear(domainId)
        // What the engine keeps of it has no use any more, and where it does not run, does no harm.
        await context.engine.administer('forgetDomain', { domainId }).catch(() => undefined)
        return {}
      }),

    'domains.saveScope': ({ domainId, scope }) =>
      saveChanged(domainId, (domain) => {
        const known = domain.scopes.some(({ key }) => key === scope.key)
        const scopes = known
          ? domain.scopes.map((each) => (each.key === scope.key ? scope : each))
          : [...domain.scopes, scope]
        return { ...domain, scopes }
      }),

    'domains.removeScope': ({ domainId, key }) =>
      saveChanged(domainId, (domain) => {
        if (!domain.scopes.some((scope) => scope.key === key)) throw notFound('scope', key)
        return {
          ...domain,
          scopes: domain.scopes.filter((scope) => scope.key !== key),
          applications: domain.applications.map((application) => ({
            ...application,
            scopeSettings: application.scopeSettings.filter(({ scope }) => scope !== key),
          })),
          ...(domain.roles === undefined ? {} : { roles: withoutScope(domain.roles, key) }),
        }
      }),
  }
}

/**
 * Runs the domain as it is given and saves it. Within `exclusive`. Several files cannot be written at once: the order is such that
 * a kill between two of them leaves a workspace that works. Secrets come before the document that refers to them, since one that
 * nobody refers to is harmless; for the same reason they are removed after it.
 *
 * @param secrets that are new in it, by id
 * @param apis whose resources follow it to a new path
 * @returns the domain as operations answer it
 */
export async function saveDomain(
  { store, running }: Context,
  domain: Domain,
  secrets: Readonly<Record<string, string>> = {},
  apis?: Following,
): Promise<DomainOverview> {
  const saved: Domain = { ...domain, updatedAt: new Date().toISOString() }
  await running.change({
    view(view) {
      const changed = withSecrets(withDomain(view, saved), secrets)
      return apis ? apis.view(changed) : changed
    },
    async save() {
      if (Object.keys(secrets).length > 0) await store.secrets.set(secrets)
      await store.saveDomain(saved)
      await apis?.save()
    },
  })
  return overviewOf(saved)
}

/** The same for a domain that no longer needs some secrets, by id: what runs is looked at without them, then they are removed. */
export async function saveDomainWithout(
  { store, running }: Context,
  domain: Domain,
  secrets: readonly string[],
): Promise<void> {
  const saved: Domain = { ...domain, updatedAt: new Date().toISOString() }
  await running.change({
    view: (view) => withoutSecrets(withDomain(view, saved), secrets),
    save: () => store.saveDomain(saved),
  })
  await store.secrets.remove(secrets)
}

function withoutScope(roles: readonly Role[], key: string): Role[] {
  return roles.map((role) => ({ ...role, oauthScopes: role.oauthScopes.filter((scope) => scope !== key) }))
}

function overviewOf({ users = [], groups = [], ...domain }: Domain): DomainOverview {
  return { ...domain, userCount: users.length, groupCount: groups.length }
}

/**
 * Unless an algorithm is chosen: the secret that signs access tokens, as with Access Management, and a key pair for ID tokens, which
 * clients have to be able to check.
 */
function firstKeys(algorithm: SigningAlgorithm | undefined, now: number): Promise<readonly NewSigningKey[]> {
  const algorithms: readonly SigningAlgorithm[] = algorithm === undefined ? ['HS256', 'RS256'] : [algorithm]
  return Promise.all(algorithms.map((each) => newSigningKey(each, { taken: [], now })))
}

function refuseTakenPath({ store }: Context, path: string, except?: string): void {
  const other = store.domains().find((domain) => domain.path === path && domain.id !== except)
  if (!other) return
  throw conflict(
    'DOMAIN_PATH_TAKEN',
    `The path ${path} is that of the domain ${other.name}`,
    'Choose another path, or leave it empty to have one derived from the name.',
    { field: '/path' },
  )
}

/** The name as a path, with a number behind it where another domain has it already. */
function freePath({ store }: Context, name: string): string {
  const taken = new Set(store.domains().map(({ path }) => path))
  return freeName(slugOf(name, 'domain'), (path) => taken.has(path))
}
