import type { FieldError } from '@shared/problem'
import { ECHO_TARGET, type Endpoint, type Flow, type Resource, type Step } from '@shared/api-definition'
import type { Phase } from '@shared/catalogue'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { Pool } from 'undici'
import { ExpressionError } from '../expression/expression-error'
import { parseCondition } from '../expression/template'
import { findPolicy, policies } from '../policies/catalogue'
import { ConfigurationError, type StepPlace } from '../policies/policy'
import { findResource, resources as resourceTypes } from '../resources/catalogue'
import type { BoundResource, BoundResources, LocalAuthorization } from '../resources/resource'
import type { ApiSnapshot } from '../snapshot'
import type { CompiledApi, CompiledEndpoint, CompiledFlow, CompiledStep, Condition } from './compiled-api'
import { bySpecificity, compileFlowPath } from './flow-path'
import { normalizeContextPath } from './router'

export interface CompileContext {
  readonly local: LocalAuthorization
  readonly echoAddress: string
}

/** Milliseconds, as of Gravitee's endpoints. */
const CONNECT_TIMEOUT = 3000
const READ_TIMEOUT = 60_000
/** More than any person's machine holds open; what is beyond waits its turn. */
const CONNECTIONS = 1024

/** Prepares everything of an API, or tells all that is wrong with it. Pointers lead into the definition. */
export function compileApi(snapshot: ApiSnapshot, context: CompileContext): CompiledApi | FieldError[] {
  const { definition } = snapshot
  const errors: FieldError[] = []
  const closers: (() => unknown)[] = []
  const close = async () => void (await Promise.all(closers.map((closer) => closer())))

  const bound = compileResources(definition.resources, context.local, errors, closers)
  const flows = compileFlows(definition.flows, '/flows', snapshot, bound, errors, true)
  const plans = definition.plans.map((plan, index) => ({ plan, index })).filter(({ plan: { status } }) => status === undefined || status === 'PUBLISHED' || status === 'DEPRECATED') // prettier-ignore
  for (const { plan, index } of plans) {
    if (['KEY_LESS', 'KEYLESS'].includes(plan.security.type.toUpperCase().replaceAll('-', '_'))) continue
    errors.push({
      field: `/plans/${index}/security/type`,
      message: `The plan ${plan.name} wants ${plan.security.type}, which this gateway cannot check yet; it would stand open`,
      remedy: 'Make the plan KEY_LESS and secure the API with the OAuth2 policy, or close the plan.',
    })
  }
  const planFlows = plans.flatMap(({ plan, index }) =>
    compileFlows(plan.flows ?? [], `/plans/${index}/flows`, snapshot, bound, errors, false),
  )
  const endpoints = compileEndpoints(snapshot, context, errors, closers)
  if (errors.length > 0) {
    void close()
    return errors
  }
  const bestMatch = definition.flowExecution?.mode === 'best-match'
  let turn = 0
  return {
    snapshot,
    id: definition.id,
    name: definition.name,
    revision: snapshot.revision,
    properties: Object.fromEntries((definition.properties ?? []).map(({ key, value }) => [key, value])),
    contextPaths: definition.listeners.flatMap(({ paths }) => paths.map(({ path }) => normalizeContextPath(path))),
    challengeStyle: definition.gatehouse?.challengeStyle ?? 'quickstart',
    planFlows,
    flows: bestMatch ? flows.toSorted((a, b) => bySpecificity(a.path, b.path)) : flows,
    bestMatch,
    matchRequired: definition.flowExecution?.matchRequired ?? false,
    nextEndpoint: () => endpoints[turn++ % endpoints.length],
    holders: 0,
    close,
  }
}

function compileResources(
  resources: readonly Resource[],
  local: LocalAuthorization,
  errors: FieldError[],
  closers: (() => unknown)[],
): BoundResources {
  const bound = new Map<string, BoundResource>()
  for (const [index, { name, type, enabled, configuration }] of resources.entries()) {
    if (!enabled) continue
    const field = `/resources/${index}`
    const definition = findResource(type)
    if (definition === undefined) {
      errors.push({
        field: `${field}/type`,
        message: `The resource ${name} is of the type ${type}, which this gateway does not have`,
        remedy: `Use one of ${resourceTypes.map(({ id }) => id).join(', ')}, or disable the resource.`,
      })
      continue
    }
    const wrong = configurationErrors(
      definition.configuration,
      configuration,
      `${field}/configuration`,
      `Resource ${name}`,
    )
    errors.push(...wrong)
    if (wrong.length > 0) continue
    try {
      const created = definition.create(name, configuration, local)
      closers.push(created.close)
      bound.set(name, created.bound)
    } catch (error) {
      errors.push({
        field: `${field}/configuration`,
        message: `The resource ${name} cannot be set up: ${error instanceof Error ? error.message : String(error)}`,
        remedy: 'Correct its configuration.',
      })
    }
  }
  return bound
}

function compileFlows(
  flows: readonly Flow[],
  pointer: string,
  snapshot: ApiSnapshot,
  resources: BoundResources,
  errors: FieldError[],
  ofApi: boolean,
): CompiledFlow[] {
  return flows.flatMap((flow, index) => {
    if (!flow.enabled) return []
    const field = `${pointer}/${index}`
    const called = flow.name?.trim() ? flow.name : `number ${index + 1}`
    const http = flow.selectors.find((selector) => selector.type === 'http')
    const conditions = flow.selectors.flatMap((selector, s): Condition[] => {
      if (selector.type !== 'condition' || selector.condition.trim() === '') return []
      return compileCondition(selector.condition, `${field}/selectors/${s}/condition`, `Flow ${called}`, errors)
    })
    const steps = (phase: Phase) =>
      flow[phase].flatMap((step, s): CompiledStep[] => {
        if (!step.enabled) return []
        const place = { apiId: snapshot.id, apiName: snapshot.definition.name, flow: ofApi ? index : -1, flowName: called, phase, step: s } // prettier-ignore
        const compiled = compileStep(step, place, `${field}/${phase}/${s}`, resources, errors)
        return compiled === undefined ? [] : [compiled]
      })
    return {
      index: ofApi ? index : -1,
      title: `Flow ${called}`,
      path: compileFlowPath(http ?? { path: '/', pathOperator: 'START_WITH' }),
      methods: http?.methods?.length ? new Set<string>(http.methods) : undefined,
      conditions,
      request: steps('request'),
      response: steps('response'),
    }
  })
}

function compileStep(
  step: Step,
  place: StepPlace,
  field: string,
  resources: BoundResources,
  errors: FieldError[],
): CompiledStep | undefined {
  const policy = findPolicy(step.policy)
  const title = step.name?.trim() ? step.name : (policy?.name ?? step.policy)
  const where = `Flow ${place.flowName}, ${place.phase} step ${place.step + 1} (${title})`
  if (policy === undefined) {
    errors.push({
      field: `${field}/policy`,
      message: `${where}: this gateway does not have the policy ${step.policy}`,
      remedy: `Use one of ${policies.map(({ id }) => id).join(', ')}, or disable the step.`,
    })
    return undefined
  }
  const condition = step.condition?.trim()
    ? compileCondition(step.condition, `${field}/condition`, where, errors)[0]
    : undefined
  const configuration = step.configuration ?? {}
  const wrong = configurationErrors(policy.configuration, configuration, `${field}/configuration`, where)
  errors.push(...wrong)
  if (wrong.length > 0) return undefined
  try {
    const handler = policy.create(configuration, { resources, place })[place.phase]
    if (handler !== undefined) return { title, policy: policy.id, place, condition, handler }
    errors.push({
      field: `${field}/policy`,
      message: `${where}: ${policy.name} does nothing in the ${place.phase} phase`,
      remedy: `Move it to the ${policy.phases.join(' or ')} phase.`,
    })
  } catch (error) {
    const known = error instanceof ConfigurationError
    errors.push({
      field: `${field}/configuration${known ? `/${error.field}` : ''}`,
      message: `${where}: ${error instanceof Error ? error.message : String(error)}`,
      remedy: known ? error.remedy : 'Correct its configuration.',
    })
  }
  return undefined
}

/** Empty when it does not parse; the error then stands among `errors`. */
function compileCondition(text: string, field: string, where: string, errors: FieldError[]): Condition[] {
  try {
    return [parseCondition(text)]
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    errors.push({ field, message: `${where}: the condition cannot be read. ${error.message}`, remedy: 'Correct the expression.' }) // prettier-ignore
    return []
  }
}

function configurationErrors(schema: TSchema, value: unknown, field: string, where: string): FieldError[] {
  return Compile(schema)
    .Errors(value)
    .flatMap((error): FieldError[] => {
      const { instancePath, message, keyword, params } = error
      if (keyword === 'required') {
        const { requiredProperties } = params as { requiredProperties: readonly string[] } // of this keyword
        return requiredProperties.map((name) => ({
          field: `${field}${instancePath}/${name}`,
          message: `${where}: ${titleOf(schema, name)} is missing`,
          remedy: 'Fill it in.',
        }))
      }
      const name = instancePath.split('/')[1]
      const called = name === undefined ? 'the configuration' : titleOf(schema, name)
      return [{ field: field + instancePath, message: `${where}: ${called} ${message}`, remedy: 'Correct the value.' }]
    })
}

function titleOf(schema: TSchema, name: string): string {
  const { properties } = schema as { properties?: Record<string, { title?: string }> } // configurations are objects
  return properties?.[name]?.title ?? name
}

function compileEndpoints(
  { definition }: ApiSnapshot,
  { echoAddress }: CompileContext,
  errors: FieldError[],
  closers: (() => unknown)[],
): CompiledEndpoint[] {
  const endpoints = definition.endpointGroups[0]?.endpoints ?? []
  if (endpoints.length === 0)
    errors.push({
      field: '/endpointGroups/0/endpoints',
      message: 'The API has no backend',
      remedy: `Add an endpoint: an http address, or ${ECHO_TARGET} for the built-in echo backend.`,
    })
  return endpoints.flatMap((endpoint, index): CompiledEndpoint[] => {
    const target =
      endpoint.configuration.target.trim() === ECHO_TARGET ? echoAddress : endpoint.configuration.target.trim()
    if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
      errors.push({
        field: `/endpointGroups/0/endpoints/${index}/configuration/target`,
        message: target === '' ? `The endpoint ${endpoint.name} has no address` : `${target} is no http address`,
        remedy: `Give an address such as http://127.0.0.1:3000, or ${ECHO_TARGET}.`,
      })
      return []
    }
    const compiled = compileEndpoint(endpoint, new URL(target))
    closers.push(() => compiled.pool.close())
    return [compiled]
  })
}

function compileEndpoint({ name, sharedConfigurationOverride }: Endpoint, target: URL): CompiledEndpoint {
  const { connectTimeout = CONNECT_TIMEOUT, readTimeout = READ_TIMEOUT } = sharedConfigurationOverride?.http ?? {}
  return {
    name,
    origin: target.origin,
    host: target.host,
    basePath: target.pathname.replace(/\/+$/, ''),
    query: target.search.slice(1),
    connectTimeout,
    readTimeout,
    pool: new Pool(target.origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      connect: { timeout: connectTimeout },
      headersTimeout: readTimeout,
      bodyTimeout: readTimeout,
      maxHeaderSize: 64 * 1024,
    }),
  }
}
