import type { ApiDefinition, Resource } from '@shared/api-definition'
import { canWalkThrough } from '@shared/application-kinds'
import type { Domain } from '@shared/domain'
import type { CallOperation, ApiState } from '@shared/operations'
import type { WalkthroughStepId } from '@shared/overview'
import { ProblemError } from '@shared/problem'
import { freeName } from '../../workspace/layout'
import { pathsOf } from '../definition/context-path'
import { clientOf, type Client } from './example'
import { authorizationResources, OAUTH2_POLICY, protectingResource } from './protection'

const order: readonly WalkthroughStepId[] = [
  'application',
  'api',
  'resource',
  'policy',
  'deploy',
  'refused',
  'answered',
]

/**
 * Does a step of the walk-through by the operations that a person would use, with everything before it that it needs.
 * What is there already is taken as it is.
 *
 * @param gateway address of the gateway; undefined while it does not listen
 * @param works whether a resource can let anybody in
 */
export async function performStep(
  call: CallOperation,
  gateway: () => string | undefined,
  works: (resource: Resource) => boolean,
  step: WalkthroughStepId,
): Promise<void> {
  const upTo = order.indexOf(step)
  const needs = (needed: WalkthroughStepId) => order.indexOf(needed) <= upTo

  const { domain, application } = await haveApplication(call)
  if (!needs('api')) return
  let api = await haveApi(call)
  if (needs('resource')) api = await haveResource(call, api, works, { domain, application })
  if (needs('policy')) api = await havePolicy(call, api)
  if (needs('deploy')) api = await call('apis.deploy', { apiId: api.definition.id })
  if (step === 'refused') await callApi(call, gateway(), api)
  if (step === 'answered') {
    // The resource may ask a domain that is not one of this workspace.
    const client = clientOf(await call('domains.list', {}), api.definition) ?? { domain, application }
    const { accessToken } = await call('console.getToken', {
      domainId: client.domain.id,
      applicationId: client.application.id,
      scopes: [],
    })
    await callApi(call, gateway(), api, accessToken)
  }
}

async function haveApplication(call: CallOperation): Promise<Client> {
  const domains = await call('domains.list', {})
  for (const enabled of [true, false])
    for (const domain of domains) {
      const application = domain.applications.find(
        (each) => canWalkThrough(each) && (!enabled || (each.enabled && domain.enabled)),
      )
      if (application) return { domain, application }
    }
  const domain = domains[0] ?? (await createDomain(call))
  const scopeSettings = domain.scopes.slice(0, 2).map(({ key }) => ({ scope: key, defaultScope: false }))
  const { application } = await call('applications.create', {
    domainId: domain.id,
    name: freeName('orders-service', (wanted) => domain.applications.some(({ name }) => name === wanted)),
    scopeSettings,
  })
  return { domain, application }
}

async function createDomain(call: CallOperation): Promise<Domain> {
  const { id } = await call('domains.create', { name: 'demo' })
  await call('domains.saveScope', { domainId: id, scope: { key: 'read', name: 'Read' } })
  return call('domains.saveScope', { domainId: id, scope: { key: 'write', name: 'Write' } })
}

/** The API that has come furthest, so that one is finished rather than several begun. */
async function haveApi(call: CallOperation): Promise<ApiState> {
  const apis = await call('apis.list', {})
  const furthest =
    apis.find(({ definition }) => protectingResource(definition)) ??
    apis.find(({ definition }) => authorizationResources(definition).length > 0) ??
    apis[0]
  return furthest ?? call('apis.create', { name: 'Echo', path: '/echo' })
}

async function haveResource(
  call: CallOperation,
  api: ApiState,
  works: (resource: Resource) => boolean,
  { domain, application }: Client,
): Promise<ApiState> {
  const { definition, version } = api
  const protecting = protectingResource(definition)
  if (protecting ? works(protecting) : authorizationResources(definition).some(works)) return api
  const { configuration } = await call('apis.useApplication', { domainId: domain.id, applicationId: application.id })
  const broken = protecting ?? authorizationResources(definition)[0]
  if (broken) {
    const mended = { ...broken, configuration: { ...broken.configuration, ...configuration } }
    const resources = definition.resources.map((each) => (each === broken ? mended : each))
    return call('apis.save', { apiId: definition.id, definition: { ...definition, resources }, version })
  }
  const name = freeName(`am-${domain.path}`, (wanted) => definition.resources.some((each) => each.name === wanted))
  const resource = { name, type: 'oauth2-am-resource', enabled: true, configuration }
  return call('apis.save', {
    apiId: definition.id,
    definition: { ...definition, resources: [...definition.resources, resource] },
    version,
  })
}

async function havePolicy(call: CallOperation, api: ApiState): Promise<ApiState> {
  const { definition, version } = api
  if (protectingResource(definition)) return api
  const step = {
    name: 'OAuth2',
    enabled: true,
    policy: OAUTH2_POLICY,
    configuration: { oauthResource: authorizationResources(definition)[0]!.name },
  }
  const at = definition.flows.findIndex(({ enabled }) => enabled)
  const flows =
    at < 0
      ? [...definition.flows, { ...allPaths, request: [step] }]
      : definition.flows.map((flow, index) => (index === at ? { ...flow, request: [step, ...flow.request] } : flow))
  return call('apis.save', { apiId: definition.id, definition: { ...definition, flows }, version })
}

const allPaths: ApiDefinition['flows'][number] = {
  name: 'All paths',
  enabled: true,
  selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH', methods: [] }],
  request: [],
  response: [],
}

async function callApi(
  call: CallOperation,
  gateway: string | undefined,
  { definition }: ApiState,
  token?: string,
): Promise<void> {
  if (gateway === undefined)
    throw new ProblemError({
      key: 'GATEWAY_NOT_LISTENING',
      status: 503,
      title: 'The gateway does not listen, so it cannot be called',
      remedy: 'Look at its address in Settings: another program may have taken its port.',
    })
  const headers = token === undefined ? [] : [{ name: 'Authorization', value: `Bearer ${token}` }]
  await call('console.send', { request: { method: 'GET', url: `${gateway}${pathsOf(definition)[0]}`, headers } })
}
