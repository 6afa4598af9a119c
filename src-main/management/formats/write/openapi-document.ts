import type { ApiDefinition, Flow, Step } from '@shared/api-definition'
import { publishedStatus } from '../../definition/plan-status'
import { pathsOf } from '../../definition/context-path'
import type { Notes } from '../notes'
import { exampleOfMock } from '../openapi/examples'
import { templatePath } from '../openapi/flow-paths'
import { members, text, type Open } from '../values'
import { describedRequests } from './described-requests'

/** Methods of OpenAPI 3.1; CONNECT and OTHER are none. */
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const
/** What a flow for every method stands for in a document that has to name them. */
const USUAL = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

interface Operation {
  readonly template: string
  readonly method: string
  readonly value: Open
}

/** An OpenAPI 3.1 document of an API, as far as its flows tell: which paths, which methods, who may call, which examples. */
export function openApiDocument(definition: ApiDefinition, gateway: string, notes: Notes): Open {
  const schemes = securitySchemes(definition)
  const common = definition.flows.filter(isCommon)
  const shared = common.flatMap(({ request }) => request)
  const operations = definition.flows
    .filter((flow) => flow.enabled && !isCommon(flow))
    .flatMap((flow) => operationsOf(flow, shared, schemes, notes))

  const paths: Record<string, Record<string, unknown>> = {}
  for (const { template, method, value } of operations) {
    const item = (paths[template] ??= parametersOf(template))
    if (item[method] === undefined) item[method] = value
    else
      notes.add(
        'dropped',
        '/flows',
        `A second flow for ${method.toUpperCase()} ${template}: a document has one operation`,
      )
  }
  if (operations.length === 0)
    notes.add(
      'changed',
      '/flows',
      'No flow names a path of its own, so that the document describes no operations',
      'Add flows with the paths and methods of the API.',
    )
  notes.add(
    'dropped',
    '',
    'Policies other than OAuth2, mock and the check of requests, backends and settings: OpenAPI describes what callers see',
  )
  const security = requirementOf(shared, schemes)
  return {
    openapi: '3.1.1',
    info: {
      title: definition.name,
      ...(definition.description === undefined ? {} : { description: definition.description }),
      version: definition.apiVersion ?? '1.0.0',
    },
    servers: pathsOf(definition).map((path) => ({ url: `${gateway}${path === '/' ? '' : path}` })),
    ...(security.length === 0 ? {} : { security }),
    paths,
    ...(Object.keys(schemes.described).length === 0 ? {} : { components: { securitySchemes: schemes.described } }),
  }
}

/** A flow for every call of the API: nothing that a document has a place for but what it asks of callers. */
function isCommon({ selectors }: Flow): boolean {
  const rule = selectors.find((selector) => selector.type === 'http')
  return rule === undefined || (rule.path === '/' && rule.pathOperator === 'START_WITH')
}

function operationsOf(flow: Flow, shared: readonly Step[], schemes: Schemes, notes: Notes): Operation[] {
  const rule = flow.selectors.find((selector) => selector.type === 'http')
  if (rule === undefined) return []
  const { template } = templatePath(rule.path)
  const given = rule.methods ?? []
  const methods = given.length === 0 ? USUAL : METHODS.filter((method) => given.includes(method))
  const label = text(flow.name) ?? template
  if (given.length === 0)
    notes.add('changed', '/flows', `The flow ${label} is for every method: ${USUAL.join(', ')} are named`)
  if (rule.pathOperator === 'START_WITH')
    notes.add('changed', '/flows', `The flow ${label} is for every path that begins so, which a document cannot say`)
  if (flow.selectors.some(({ type }) => type === 'condition'))
    notes.add('dropped', '/flows', `The condition of the flow ${label}`)
  const steps = [...shared, ...flow.request]
  const { parameters, requestBody, left } = describedRequests(steps)
  if (left > 0)
    notes.add('dropped', '/flows', `Rules for requests that a document has no words for (${left} of the flow ${label})`)
  const example = flow.request.filter(({ enabled }) => enabled).flatMap((step) => exampleOfMock(step) ?? [])[0]
  return methods.map((method) => ({
    template,
    method: method.toLowerCase(),
    value: {
      ...nameOf(flow, method, template),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(requestBody === undefined ? {} : { requestBody }),
      security: requirementOf(steps, schemes, { path: rule.path, method }),
      responses: example
        ? {
            [example.status]: {
              description: 'Example',
              content: { [example.mediaType]: { example: parsedExample(example.mediaType, example.content) } },
            },
          }
        : { default: { description: 'The answer of the backend' } },
    },
  }))
}

/** A name that was made of method and path says nothing that these do not. */
function nameOf({ name }: Flow, method: string, template: string): Open {
  if (name === undefined || name === `${method} ${template}`) return {}
  return /^[A-Za-z0-9_.-]+$/.test(name) ? { operationId: name } : { summary: name }
}

function parametersOf(template: string): Record<string, unknown> {
  const names = [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name)
  if (names.length === 0) return {}
  return {
    parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
  }
}

function parsedExample(mediaType: string, content: string): unknown {
  if (!/[/+]json($|;)/i.test(mediaType)) return content
  try {
    return JSON.parse(content) as unknown
  } catch {
    return content
  }
}

interface Schemes {
  /** As `components.securitySchemes` has them. */
  readonly described: Readonly<Record<string, Open>>
  /** What every caller has to bring by the plans, each with the flows that ask for more. */
  readonly byPlans: readonly { readonly name: string; readonly flows: readonly Flow[] }[]
}

function securitySchemes(definition: ApiDefinition): Schemes {
  const described: Record<string, Open> = {}
  const byPlans: { name: string; flows: readonly Flow[] }[] = []
  for (const { name, type, configuration } of definition.resources) {
    if (!type.startsWith('oauth2')) continue
    const { serverURL, securityDomain } = members(configuration)
    const server = text(serverURL)?.replace(/\/+$/, '')
    const domain = text(securityDomain)
    described[name] =
      server !== undefined && domain !== undefined
        ? { type: 'openIdConnect', openIdConnectUrl: `${server}/${domain}/oidc/.well-known/openid-configuration` }
        : { type: 'http', scheme: 'bearer' }
  }
  for (const { name, security, status, flows = [] } of definition.plans) {
    const scheme = publishedStatus(status) ? schemeOfPlan(security.type) : undefined
    if (scheme === undefined) continue
    // An OAuth2 plan asks for the tokens of its resource, which is described already.
    const resource = text(members(security.configuration).oauthResource)
    const isDescribed = resource !== undefined && described[resource] !== undefined
    const called = isDescribed ? resource : described[name] === undefined ? name : `${name} plan`
    if (!isDescribed) described[called] = scheme
    byPlans.push({ name: called, flows: flows.filter(({ enabled }) => enabled) })
  }
  return { described, byPlans }
}

function schemeOfPlan(type: string): Open | undefined {
  const schemes: Readonly<Record<string, Open>> = {
    API_KEY: { type: 'apiKey', in: 'header', name: 'X-Gravitee-Api-Key' },
    JWT: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    OAUTH2: { type: 'http', scheme: 'bearer' },
    MTLS: { type: 'mutualTLS' },
  }
  return schemes[type.toUpperCase().replaceAll('-', '_')]
}

interface Place {
  readonly path: string
  readonly method: string
}

/** What the OAuth2 steps and the plans ask for: any one plan with the scopes of its flows, and all of the steps. */
function requirementOf(
  steps: readonly Step[],
  { described, byPlans }: Schemes,
  place?: Place,
): Record<string, string[]>[] {
  const asked = scopesOf(steps, described)
  if (byPlans.length > 0)
    return byPlans.map(({ name, flows }) => {
      const more = flows.filter((flow) => isFor(flow, place)).flatMap(({ request }) => request)
      return { [name]: [], ...scopesOf([...steps, ...more], described) }
    })
  return Object.keys(asked).length === 0 ? [] : [asked]
}

/** Whether a flow is for an operation, or for every call. */
function isFor(flow: Flow, place: Place | undefined): boolean {
  if (isCommon(flow)) return true
  const rule = flow.selectors.find((selector) => selector.type === 'http')
  if (rule === undefined || place === undefined) return false
  const methods: readonly string[] = rule.methods ?? []
  const isThere = rule.pathOperator === 'EQUALS' ? rule.path === place.path : place.path.startsWith(rule.path)
  return isThere && (methods.length === 0 || methods.includes(place.method))
}

/** The scopes that OAuth2 steps want, by the schemes of their resources. */
function scopesOf(steps: readonly Step[], described: Schemes['described']): Record<string, string[]> {
  const asked: Record<string, string[]> = {}
  for (const { policy, enabled, configuration } of steps) {
    const { oauthResource, requiredScopes, checkRequiredScopes } = members(configuration)
    if (
      policy !== 'oauth2' ||
      !enabled ||
      typeof oauthResource !== 'string' ||
      !Object.hasOwn(described, oauthResource)
    )
      continue
    const scopes = checkRequiredScopes === true && Array.isArray(requiredScopes) ? requiredScopes.map(String) : []
    asked[oauthResource] = [...new Set([...(asked[oauthResource] ?? []), ...scopes])]
  }
  return asked
}
