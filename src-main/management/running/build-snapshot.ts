import { hash } from 'node:crypto'
import type { ApiDefinition } from '@shared/api-definition'
import {
  DEFAULT_ACCOUNT_BLOCKED_SECONDS,
  DEFAULT_MAX_LOGIN_ATTEMPTS,
  DEFAULT_SESSION_SECONDS,
  type Application,
  type Domain,
} from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { isSecretVariable, parseSecretReference, SECRET_VARIABLE_PREFIX } from '@shared/secret-reference'
import type { SigningAlgorithm, SigningKey } from '@shared/signing-key'
import { usernameKey } from '@shared/users'
import { scopesOf } from '@shared/standard-scopes'
import type { WorkspaceProblem } from '@shared/workspace'
import type {
  ApiSnapshot,
  DomainSnapshot,
  KeySnapshot,
  ListenAddress,
  Snapshot,
  UserSnapshot,
} from '../../engine/snapshot'
import type { StoredDeployment } from '../../workspace/store'
import { readableAuthorities } from '../certificates/trusted'
import { referenceFault } from '../definition/check-draft'
import { placed, placeOf } from '../definition/place-of'
import { replaceSecrets } from '../definition/seal-secrets'
import { shortSecret } from '../definition/short-secrets'
import { unsealedMaterial } from '../keys/key-material'
import { keySecretId } from '../keys/new-signing-key'
import { lowerFirst } from '../lower-first'
import { checkApplication } from '../applications/check-application'
import { resolveClientSecret } from '../applications/resolve-client-secret'
import { withoutFaults } from '../applications/without-faults'
import { buildApplication, buildUsers, type BuiltUsers } from './build-clients'
import { buildDictionaries, missingDictionaries } from './build-dictionaries'
import { asksForCertificates, buildSubscriptions } from './build-subscriptions'
import { listConditions } from './list-conditions'
import { askedDomains, pointResourcesAt, publicAuthorization } from './own-authorization'
import { missingResources } from './missing-resources'
import { serverCertificate } from './server-certificate'
import type { WorkspaceView } from './workspace-view'

/** Addresses that a caller has set over the document's, e.g. `serve --gateway-port 0`. */
export interface ListenOverrides {
  readonly host?: string
  readonly gatewayPort?: number
  readonly authorizationPort?: number
}

/** Which addresses mean this workspace's own authorization server, and where that is now. */
export interface OwnAuthorization {
  readonly known: ReadonlySet<string>
  readonly now: string | undefined
}

export interface BuiltSnapshot {
  readonly snapshot: Snapshot
  /** What of the workspace had to be left out, or cannot work as it is. */
  readonly problems: readonly WorkspaceProblem[]
  /**
   * Secrets, dictionaries and resources that an API refers to and that are missing, and conditions that can never hold, by API: a
   * deploy is refused for them.
   */
  readonly missing: ReadonlyMap<string, readonly FieldError[]>
}

/**
 * Everything the engine is to run: references resolved, deployed revisions only. Pure but for `users`, in which it leaves what the
 * next one need not build again.
 */
export function buildSnapshot(
  view: WorkspaceView,
  version: number,
  listen: ListenOverrides,
  own: OwnAuthorization,
  users: BuiltUsers = new WeakMap(),
): BuiltSnapshot {
  const problems: WorkspaceProblem[] = []
  const missingByApi = new Map<string, readonly FieldError[]>()
  const host = listen.host ?? view.document.host
  const address = (server: 'gateway' | 'authorization', port: number): ListenAddress => ({
    host,
    port,
    ...serverCertificate(view, server, problems),
  })
  const publicAddress = publicAuthorization(view.document)

  const authorities = readableAuthorities(view.document)
  const paths = new Set<string>()
  const domains = view.domains.flatMap((domain) => {
    const built = buildDomain(domain, view, users, problems)
    if (!built || paths.has(built.path)) {
      if (built)
        problems.push(domainProblem(domain, '/path', 'another domain has this path too', 'Change one of the two.'))
      return []
    }
    paths.add(built.path)
    return [built]
  })
  const stopped = new Set(view.document.stoppedApis)
  const served = view.deployed.filter(({ apiId }) => !stopped.has(apiId))
  const apis = served.map((deployment) => {
    const { api, missing } = buildApi(deployment, view, own, authorities)
    const { definition } = deployment
    if (missing.length > 0)
      missingByApi.set(
        api.id,
        missing.map((error) => placed(definition, error)),
      )
    for (const { field, message, remedy } of missing)
      problems.push({
        file: view.revisionFile(deployment),
        field,
        message: `API ${definition.name}, ${placeOf(definition, field)}: ${lowerFirst(message)}`,
        // A revision never changes: the way out is a new one.
        remedy: [remedy, `Then deploy the API ${definition.name}.`].filter(Boolean).join(' '),
      })
    problems.push(...missingDomains(deployment, view, own), ...unverifiedBackends(deployment, view))
    return api
  })
  const gateway = address('gateway', listen.gatewayPort ?? view.document.gatewayPort)
  const asksClients = view.deployed.some(({ definition }) => asksForCertificates(definition))
  return {
    snapshot: {
      version,
      gateway: asksClients && gateway.tls ? { ...gateway, tls: { ...gateway.tls, asksClients } } : gateway,
      authorization: address('authorization', listen.authorizationPort ?? view.document.authorizationPort),
      ...(publicAddress === undefined ? {} : { publicAuthorizationAddress: publicAddress }),
      ...(authorities.length === 0 ? {} : { authorities }),
      domains,
      apis,
      subscriptions: buildSubscriptions(view, problems),
      dictionaries: buildDictionaries(view, problems),
    },
    problems,
    missing: missingByApi,
  }
}

/** What the engine would not run anyway is told here, so that one broken domain keeps no other from running. */
function buildDomain(
  domain: Domain,
  view: WorkspaceView,
  users: BuiltUsers,
  problems: WorkspaceProblem[],
): DomainSnapshot | undefined {
  const tell = (field: string, message: string, remedy: string) =>
    problems.push(domainProblem(domain, field, message, remedy))

  const keys = buildKeys(domain, view, tell)
  if (!keys.some(({ status }) => status === 'active')) {
    tell('/keys', 'no usable key would sign its tokens', 'Rotate one of its keys, or add one.')
    return undefined
  }

  const clientIds = new Set<string>()
  const applications = domain.applications.flatMap((application, index) => {
    const at = `/applications/${index}`
    const { errors } = checkApplication(domain, application)
    const missing = missingFurtherSecrets(application, view)
    for (const { field, message, remedy } of [...errors, ...missing])
      tell(`${at}${field}`, `application ${application.name}: ${lowerFirst(message)}`, remedy ?? 'Correct it.')
    const built = buildApplication(withoutFaults(application, errors), view)
    if (!built) tell(`${at}/clientSecret`, missingSecretOf(application), missingRemedy(application))
    else if (clientIds.has(built.clientId))
      tell(`${at}/clientId`, `two applications have the client id ${built.clientId}`, 'Change one of the two.')
    else {
      clientIds.add(built.clientId)
      return [built]
    }
    return []
  })
  const { id, name, path, enabled, branding = {}, loginSettings = {}, accessTokenFormat = 'am' } = domain
  return {
    id,
    name,
    path,
    enabled,
    scopes: scopesOf(domain),
    keys,
    applications,
    users: distinctUsers(buildUsers(domain, view, users), tell),
    branding,
    sessionSeconds: loginSettings.sessionSeconds ?? DEFAULT_SESSION_SECONDS,
    maxLoginAttempts: loginSettings.maxLoginAttempts ?? DEFAULT_MAX_LOGIN_ATTEMPTS,
    accountBlockedSeconds: loginSettings.accountBlockedSeconds ?? DEFAULT_ACCOUNT_BLOCKED_SECONDS,
    accessTokenFormat,
  }
}

/** A file may hold what no operation lets in: of two users with one name, nobody could say who logs in. */
function distinctUsers(users: readonly UserSnapshot[], tell: Tell): UserSnapshot[] {
  const taken = new Set<string>()
  return users.filter(({ username }, index) => {
    const key = usernameKey(username)
    if (taken.has(key)) tell(`/users/${index}/username`, `two users are called ${username}`, 'Rename one of the two.')
    return !taken.has(key) && taken.add(key)
  })
}

type Tell = (field: string, message: string, remedy: string) => void

/** The keys that the engine can work with. Of two that are active for one algorithm, the second only verifies. */
function buildKeys({ keys }: Domain, view: WorkspaceView, tell: Tell): KeySnapshot[] {
  const built = new Map<string, KeySnapshot>()
  const signs = new Map<SigningAlgorithm, string>()
  for (const [index, key] of keys.entries()) {
    const at = `/keys/${index}`
    const snapshot = buildKey(key, view)
    if (!snapshot) {
      const remedy = key.status === 'active' ? 'Rotate the key.' : 'Remove the key.'
      tell(at, `the secret part of key ${key.kid} is missing or unreadable`, remedy)
      continue
    }
    if (built.has(key.kid)) {
      tell(`${at}/kid`, `two keys are called ${key.kid}`, 'Remove one of them.')
      continue
    }
    const signer = signs.get(key.algorithm)
    if (key.status === 'active' && signer !== undefined) {
      const message = `${key.kid} signs nothing, for ${signer} is active for ${key.algorithm} too`
      tell(`${at}/status`, message, 'Retire one of the two keys.')
    } else if (key.status === 'active') signs.set(key.algorithm, key.kid)
    built.set(key.kid, signer === undefined ? snapshot : { ...snapshot, status: 'retired' })
  }
  return [...built.values()]
}

/** Undefined for what the engine could not sign with: such a key would keep every domain from running. */
function buildKey({ id, kid, algorithm, status, expiresAt }: SigningKey, view: WorkspaceView): KeySnapshot | undefined {
  const sealed = view.resolve(`secret://gatehouse/${keySecretId(id)}`)
  const material = sealed === undefined ? undefined : unsealedMaterial(algorithm, sealed)
  if (material === undefined) return undefined
  // A leap second passes for a moment and cannot be read: such a key is over.
  const ends = status === 'retired' && expiresAt !== undefined ? { expiresAt: Date.parse(expiresAt) || 0 } : {}
  return { kid, algorithm, status, ...ends, material }
}

/** A resource that asks our own server for a domain that is not there lets nobody in: its API is told before a caller notices. */
function missingDomains(deployment: StoredDeployment, view: WorkspaceView, own: OwnAuthorization): WorkspaceProblem[] {
  const servers = new Set([...own.known, ...(own.now === undefined ? [] : [own.now])])
  const { definition } = deployment
  return askedDomains(definition, servers).flatMap(({ resource, path, pointer }) => {
    if (view.domains.some((domain) => domain.path === path)) return []
    return {
      file: view.revisionFile(deployment),
      field: pointer,
      message: `API ${definition.name}: the resource ${resource} asks the domain ${path}, which is not there`,
      remedy: `Choose a domain in the resource ${resource}, and deploy the API.`,
    }
  })
}

/** Backends that anybody could be, in what runs. */
function unverifiedBackends(deployment: StoredDeployment, view: WorkspaceView): WorkspaceProblem[] {
  const { definition } = deployment
  return definition.endpointGroups.flatMap((group, g) =>
    group.endpoints.flatMap((endpoint, e): WorkspaceProblem[] => {
      if (endpoint.type !== 'http-proxy' || endpoint.enabled === false) return []
      const inherits = endpoint.inheritConfiguration === true
      const shared = (inherits ? group.sharedConfiguration : endpoint.sharedConfigurationOverride) ?? {}
      const { trustAll, hostnameVerifier } = (shared.ssl ?? {}) as Record<string, unknown> // any JSON may stand there
      if (trustAll !== true && hostnameVerifier !== false) return []
      const does = trustAll === true ? 'trusts every certificate' : 'does not verify host names'
      return [
        {
          file: view.revisionFile(deployment),
          field: `/endpointGroups/${g}/${inherits ? 'sharedConfiguration' : `endpoints/${e}/sharedConfigurationOverride`}/ssl`,
          message: `API ${definition.name}: the endpoint ${endpoint.name} ${does}, so that anybody could be the backend`,
          remedy: `Give the authority of the backend in its TLS options instead, and deploy the API.`,
        },
      ]
    }),
  )
}

function buildApi(
  { apiId, revision, definition }: StoredDeployment,
  view: WorkspaceView,
  own: OwnAuthorization,
  authorities: readonly string[],
): { api: ApiSnapshot; missing: readonly FieldError[] } {
  const followed = own.now === undefined ? definition : pointResourcesAt(definition, own.known, own.now)
  const { value, missing, used } = resolveSecrets(followed, view)
  // Only what depends on where the authorization server is: every other API is the same wherever that is, and stays compiled.
  const address = followed === definition ? '' : (own.now ?? '')
  const secretsVersion = hash(
    'sha256',
    [readingOf(definition), JSON.stringify(used), address, ...authorities].join('|'),
    'base64url',
  )
  return {
    api: { id: apiId, revision, secretsVersion, definition: value },
    missing: [
      ...missing,
      ...missingDictionaries(definition, view.dictionaries),
      ...missingResources(definition),
      ...listConditions(definition),
    ],
  }
}

const readings = new WeakMap<ApiDefinition, number>()
let read = 0

/** Another number for each time that a definition was read: the file of a revision that other hands have changed is another API. */
function readingOf(definition: ApiDefinition): number {
  let reading = readings.get(definition)
  if (reading === undefined) readings.set(definition, (reading = ++read))
  return reading
}

/** Definitions in which there is nothing to resolve. A definition never changes, and is gone through for every snapshot that it is part of. */
const withoutReferences = new WeakSet<ApiDefinition>()

/**
 * The definition with the references at its places for secrets resolved; anywhere else, where the value would be shown, a
 * reference is the text that it is. A missing one, or one to a secret that is not for the API, is left as it stands: it
 * authenticates nowhere, so that the API goes on to refuse rather than to vanish. The same value where there is no reference.
 */
export function resolveSecrets(
  definition: ApiDefinition,
  view: Pick<WorkspaceView, 'resolve'>,
): { value: ApiDefinition; missing: FieldError[]; used: string[] } {
  if (withoutReferences.has(definition)) return { value: definition, missing: [], used: [] }
  const missing: FieldError[] = []
  const used: string[] = []
  const value = replaceSecrets(definition, (text, field) => {
    if (!parseSecretReference(text)) return text
    // Checked when a draft is saved too, but files are written by other hands as well.
    const fault = referenceFault(text, definition.id)
    const secret = fault ? undefined : view.resolve(text)
    if (secret === undefined) missing.push(fault ? { field, ...fault } : missingSecret(text, field))
    const short = field.startsWith('/properties/') ? shortSecret(secret) : undefined
    if (short !== undefined) missing.push({ field, ...short })
    used.push(field, secret ?? '')
    return short === undefined ? (secret ?? text) : text
  })
  if (used.length > 0) return { value, missing, used }
  withoutReferences.add(definition)
  return { value: definition, missing, used }
}

function missingSecret(reference: string, field: string): FieldError {
  const { provider, path } = parseSecretReference(reference)!
  return provider === 'env'
    ? {
        field,
        message: `The environment variable ${path} is not set`,
        remedy: `Start Gatehouse with ${path} set, or type the secret in.`,
      }
    : { field, message: 'The secret that this refers to is gone', remedy: goneRemedy(field) }
}

function goneRemedy(field: string): string {
  if (field.startsWith('/properties/')) return 'Open the properties and choose Replace at the secret.'
  if (/^\/plans\/\d+\/security\//.test(field)) return 'Open the plan and choose Replace at the secret.'
  if (field.startsWith('/endpointGroups/')) return 'Open the endpoint or its group and choose Replace at the secret.'
  return field.startsWith('/resources/')
    ? 'Open the resource and choose Replace at the secret, or fill the resource in from the workspace.'
    : 'Open the step and choose Replace at the secret.'
}

/** Files name secrets that are not sealed here, or not on this machine. */
function missingFurtherSecrets({ furtherSecrets = [] }: Application, view: WorkspaceView): FieldError[] {
  return furtherSecrets.flatMap(({ name, secret }, index) =>
    resolveClientSecret(secret, view)
      ? []
      : {
          field: `/furtherSecrets/${index}/secret`,
          message: `The value of its secret ${name ?? 'beside the main one'} is missing`,
          remedy: 'Remove that secret, and add a new one in its place.',
        },
  )
}

function missingSecretOf({ name, clientSecret }: Application): string {
  return isInClear(clientSecret)
    ? `what stands for the secret of application ${name} is no reference, and is not taken`
    : `the secret of application ${name} is missing`
}

function missingRemedy({ clientSecret }: Application): string {
  if (isInClear(clientSecret)) {
    return `No secret stands in a document: rotate the secret, or refer to an environment variable, as secret://env/${SECRET_VARIABLE_PREFIX}….`
  }
  const reference = parseSecretReference(clientSecret)
  if (reference?.provider !== 'env') return 'Rotate the secret of the application.'
  return isSecretVariable(reference.path)
    ? `Start Gatehouse with the environment variable ${reference.path} set, or rotate the secret.`
    : `The environment variable ${reference.path} is not for workspaces: refer to one whose name begins with ${SECRET_VARIABLE_PREFIX}, or rotate the secret.`
}

const isInClear = (secret: string | undefined) => secret !== undefined && parseSecretReference(secret) === undefined

function domainProblem(domain: Domain, field: string, message: string, remedy: string): WorkspaceProblem {
  return { file: `domains/${domain.path}.json`, field, message: `Domain ${domain.name}: ${message}`, remedy }
}
