import { inject, provide, ref, type InjectionKey } from 'vue'
import { useRouter } from 'vue-router'
import { useToast } from '@nuxt/ui/composables/useToast'
import type { DomainOverview } from '@shared/domain'
import { ProblemError } from '@shared/problem'
import type { Remedy, RequestRecord } from '@shared/traffic'
import { call } from '@/client'
import { useProblemToast } from '@/composables/useProblemToast'
import { useWorkspace } from '@/stores/workspace'

type GetToken = Extract<Remedy, { action: 'get-token' }>
type OpenEndpoints = Extract<Remedy, { action: 'open-endpoints' }>
type AddScopes = Extract<Remedy, { action: 'add-scopes' }>

/** Where further authorities are trusted. */
export const TRUSTED_AUTHORITIES = { name: 'settings', hash: '#authorities' } as const

/** What a token is wanted for. `clientId` when it must be that application's. */
export interface TokenWanted {
  readonly domainPath?: string | undefined
  readonly scopes: readonly string[]
  readonly clientId?: string | undefined
}

/** A page that can get a token and send the request again where it stands: the console. */
export interface Resender {
  getTokenAndSend(wanted: TokenWanted): Promise<void>
  sendAgain(): Promise<void>
}
const key: InjectionKey<Resender> = Symbol('resender')
export const provideResender = (resender: Resender) => provide(key, resender)

/** Does what a refusal offers to mend it. */
export function useRemedy() {
  const router = useRouter()
  const toast = useToast()
  const workspace = useWorkspace()
  const { attempt } = useProblemToast()
  const resender = inject(key, undefined)
  /** The remedy at work, so that its button says so. */
  const busy = ref<Remedy>()

  async function perform(remedy: Remedy, record: RequestRecord): Promise<void> {
    if (busy.value) return
    busy.value = remedy
    await attempt(() => doIt(remedy, record))
    busy.value = undefined
  }

  async function doIt(remedy: Remedy, record: RequestRecord): Promise<unknown> {
    switch (remedy.action) {
      case 'get-token':
        return getToken(remedy, record)
      case 'add-scopes':
        await addScopes(remedy)
        return getToken(remedy, record)
      case 'deploy':
        await call('apis.deploy', { apiId: remedy.apiId })
        await workspace.loadApis()
        toast.add({ title: 'Deployed', icon: 'i-lucide-check', color: 'success' })
        return resender?.sendAgain()
      case 'open-step':
        return router.push({
          name: 'api',
          params: { apiId: remedy.apiId, tab: 'policies' },
          query: { flow: String(remedy.flow), phase: remedy.phase, step: String(remedy.step) },
        })
      case 'open-resource':
        return router.push({
          name: 'api',
          params: { apiId: remedy.apiId, tab: 'resources' },
          query: { resource: remedy.resource },
        })
      case 'open-plan':
        return router.push({
          name: 'api',
          params: { apiId: remedy.apiId, tab: 'plans' },
          query: { plan: remedy.planId },
        })
      case 'open-subscriptions':
        return router.push({ name: 'api', params: { apiId: remedy.apiId, tab: 'subscriptions' } })
      case 'open-endpoints':
        return openEndpoints(remedy)
      case 'open-apis':
        return router.push({ name: 'apis' })
      case 'open-application':
        return openApplication(remedy.domainPath, remedy.clientId)
      case 'open-user':
        return router.push({
          name: 'user',
          params: { domainId: domainOf(remedy.domainPath).id, userId: remedy.userId },
        })
      case 'open-authorities':
        return router.push(TRUSTED_AUTHORITIES)
      case 'open-keys':
        return router.push({ name: 'domain', params: { domainId: domainOf(remedy.domainPath).id, tab: 'keys' } })
    }
  }

  async function getToken(remedy: GetToken | AddScopes, record: RequestRecord): Promise<unknown> {
    const clientId = remedy.action === 'add-scopes' ? remedy.clientId : undefined
    if (resender) return resender.getTokenAndSend({ ...remedy, clientId })
    return router.push({
      name: 'console',
      query: {
        method: record.method,
        path: record.path,
        token: '1',
        ...(record.apiId ? { api: record.apiId } : {}),
        ...(remedy.domainPath ? { domain: remedy.domainPath } : {}),
        ...(clientId ? { client: clientId } : {}),
        ...(remedy.scopes.length ? { scopes: remedy.scopes.join(' ') } : {}),
      },
    })
  }

  async function addScopes(remedy: AddScopes): Promise<void> {
    const { domain, application } = find(remedy.domainPath, remedy.clientId)
    for (const scope of remedy.scopes.filter((each) => !domain.scopes.some((known) => known.key === each)))
      await call('domains.saveScope', { domainId: domain.id, scope: { key: scope } })
    const held = new Set(application.scopeSettings.map(({ scope }) => scope))
    await call('applications.update', {
      domainId: domain.id,
      applicationId: application.id,
      scopeSettings: [
        ...application.scopeSettings,
        ...remedy.scopes.filter((scope) => !held.has(scope)).map((scope) => ({ scope, defaultScope: false })),
      ],
    })
    await workspace.loadDomains()
  }

  /** Where a protocol is what helps, that of the endpoint, or of its group where the endpoint does as that says. */
  function openEndpoints({ apiId, protocolOf }: OpenEndpoints): Promise<unknown> {
    const groups = workspace.apis.find(({ definition }) => definition.id === apiId)?.definition.endpointGroups ?? []
    const places = groups.flatMap(({ endpoints }, group) =>
      endpoints.map(({ name, inheritConfiguration }, endpoint) => ({ name, inheritConfiguration, group, endpoint })),
    )
    const place = protocolOf === undefined ? undefined : places.find(({ name }) => name === protocolOf)
    const query = place && {
      group: String(place.group),
      ...(place.inheritConfiguration === true ? {} : { endpoint: String(place.endpoint) }),
      setting: 'protocol',
    }
    return router.push({ name: 'api', params: { apiId, tab: 'endpoints' }, ...(query && { query }) })
  }

  function openApplication(domainPath: string, clientId: string): Promise<unknown> {
    const { domain, application } = find(domainPath, clientId)
    return router.push({ name: 'application', params: { domainId: domain.id, applicationId: application.id } })
  }

  function domainOf(domainPath: string): DomainOverview {
    const domain = workspace.domains.find(({ path }) => path === domainPath)
    if (domain) return domain
    throw new ProblemError({
      key: 'DOMAIN_NOT_FOUND',
      status: 404,
      title: `There is no domain with the path ${domainPath} any more`,
      remedy: 'Look for the domain under another path.',
    })
  }

  function find(domainPath: string, clientId: string) {
    const domain = workspace.domains.find(({ path }) => path === domainPath)
    const application = domain?.applications.find((each) => each.clientId === clientId)
    if (domain && application) return { domain, application }
    throw new ProblemError({
      key: 'APPLICATION_NOT_FOUND',
      status: 404,
      title: `There is no application ${clientId} in domain ${domainPath} any more`,
      remedy: 'Choose another application in the console.',
    })
  }

  /** What a remedy's button is called: a page that sends the request again says so. */
  const labelOf = (remedy: Remedy) =>
    remedy.action === 'get-token' && resender ? `${remedy.label} and send again` : remedy.label

  return { perform, labelOf, busy }
}
