import type { ReadContext } from '../reader'
import { child, entries, isObject, kebab, members, text, type Open } from '../values'
import type { Resolve } from './references'

/** How the gateway asks for what a security scheme describes. */
type Scheme =
  | { readonly by: 'token'; readonly name: string; readonly at: string; readonly isJwt: boolean; readonly server: Open }
  | { readonly by: 'api-key'; readonly name: string; readonly at: string; readonly header?: string; readonly query?: string } // prettier-ignore
  | { readonly by: 'mtls'; readonly name: string; readonly at: string }

/** An operation as its flow finds it. */
export interface AskedOperation {
  readonly operation: Open
  /** Pointer to it. */
  readonly at: string
  readonly name: string
  readonly selectors: readonly Open[]
}

/** Reads security schemes and what each operation asks for. */
export interface Security {
  /** Steps of the operation's flow that ask its caller. */
  stepsOf(asked: AskedOperation): readonly Open[]
  /** What the operations read so far need. Tells how each scheme fares, once. */
  needed(): { readonly plans: readonly Open[]; readonly resources: readonly Open[]; readonly tokenSchemes: number }
}

/** @param byPlans whether tokens are asked for by plans, not by a policy in each flow */
export function readSecurity(document: Open, resolve: Resolve, context: ReadContext, byPlans: boolean): Security {
  const { notes } = context
  const declared = members(members(document.components).securitySchemes)
  const schemes = new Map(
    Object.entries(declared).map(([name, value]) => {
      const at = child('/components/securitySchemes', name)
      return [name, readScheme(name, members(resolve(value)), at, context)] as const
    }),
  )
  /** Asked for in flows, and by plans. */
  const [inFlows, inPlans] = [new Set<Scheme>(), new Set<Scheme>()]
  const planFlows = new Map<Scheme, Open[]>()
  let open = 0

  function stepsOf({ operation, at, name, selectors }: AskedOperation): Open[] {
    const alternatives = entries(operation.security ?? document.security, `${at}/security`).flatMap(({ value }) =>
      isObject(value) ? [value] : [],
    )
    if (alternatives.length === 0 || alternatives.some((value) => Object.keys(value).length === 0)) {
      if (alternatives.length > 0)
        notes.add('changed', at, 'The caller may identify itself here or not: nothing is asked for')
      open++
      return []
    }
    for (const unknown of alternatives.flatMap(Object.keys).filter((each) => !schemes.has(each)))
      notes.add('dropped', `${at}/security`, `The security scheme ${unknown}, which is not described`)
    const possible = alternatives.filter((value) => Object.keys(value).every((each) => schemes.get(each)))
    const chosen = possible[0] ?? alternatives.find((value) => Object.keys(value).some((each) => schemes.get(each)))
    if (chosen === undefined) {
      open++
      notes.add('dropped', at, 'What this operation asks of its caller: it stands open', 'Add a policy to its flow.')
      return []
    }
    // Plans are alternatives as well, so that each way to be let in becomes one.
    const asPlans = byPlans && possible.length > 0 && possible.every((value) => Object.keys(value).length === 1)
    const taken = asPlans ? possible : [chosen]
    if (alternatives.length > taken.length)
      notes.add('changed', at, `Of ${alternatives.length} ways to be let in, the gateway asks for ${taken.map((value) => Object.keys(value).join(' and ')).join(' or ')}`) // prettier-ignore
    return taken.flatMap((value) =>
      Object.entries(value).flatMap(([each, wanted]) => {
        const scheme = schemes.get(each)
        if (scheme === undefined) return []
        const scopes = Array.isArray(wanted) ? wanted.filter((scope): scope is string => typeof scope === 'string') : []
        if (scheme.by !== 'token' || asPlans) {
          inPlans.add(scheme)
          if (scheme.by === 'token' && scopes.length > 0) askInPlan(scheme, name, selectors, scopes, at)
          return []
        }
        inFlows.add(scheme)
        return [tokenStep(scheme.name, scopes)]
      }),
    )
  }

  function askInPlan(
    scheme: Scheme & { by: 'token' },
    name: string,
    selectors: readonly Open[],
    scopes: readonly string[],
    at: string,
  ): void {
    // prettier-ignore
    if (scheme.isJwt) {
      notes.add('dropped', at, `The scopes of ${scheme.name}, which its plan does not check for each operation`, 'Add the policy jwt with its scopes to the flows of the plan.') // prettier-ignore
      return
    }
    const flow = { name, enabled: true, selectors, request: [tokenStep(scheme.name, scopes)], response: [] }
    planFlows.set(scheme, [...(planFlows.get(scheme) ?? []), flow])
  }

  function needed(): ReturnType<Security['needed']> {
    const used = [...schemes.values()].filter((scheme) => scheme !== undefined)
    const plans = used.filter((scheme) => inPlans.has(scheme)).map((scheme) => planFor(scheme, planFlows.get(scheme) ?? [], context)) // prettier-ignore
    if (plans.length > 0 && open > 0)
      notes.add('changed', '/security', 'Plans are for a whole API: operations that ask for nothing ask for it too')
    const resources = used.flatMap((scheme) => {
      if (scheme.by !== 'token' || (!inFlows.has(scheme) && (scheme.isJwt || !inPlans.has(scheme)))) return []
      if (inFlows.has(scheme))
        notes.add(
          'changed',
          scheme.at,
          `${scheme.name} becomes the OAuth2 policy in each flow, with the scopes of its operation, and a resource that says who knows the tokens`,
          scheme.server.clientId === undefined ? 'Fill in the resource before you deploy.' : undefined,
        )
      return [{ name: scheme.name, type: 'oauth2-am-resource', enabled: true, configuration: scheme.server }]
    })
    return {
      plans: plans.length > 0 ? plans : [plan(context, 'Keyless', { type: 'KEY_LESS' }, [])],
      resources,
      tokenSchemes: used.filter((scheme) => scheme.by === 'token' && (inFlows.has(scheme) || inPlans.has(scheme)))
        .length,
    }
  }

  return { stepsOf, needed }
}

function readScheme(name: string, scheme: Open, at: string, { notes }: ReadContext): Scheme | undefined {
  const type = kebab(text(scheme.type) ?? '').replaceAll('-', '')
  const http = text(scheme.scheme)?.toLowerCase()
  if (type === 'oauth2' || type === 'openidconnect' || (type === 'http' && http === 'bearer')) {
    const isJwt = type === 'http' && text(scheme.bearerFormat)?.toLowerCase() === 'jwt'
    return { by: 'token', name, at, isJwt, server: authorizationServer(scheme) }
  }
  if (type === 'apikey') {
    const place = text(scheme.in)?.toLowerCase()
    const parameter = text(scheme.name)
    if (place === 'header' || place === 'query')
      return { by: 'api-key', name, at, ...(parameter === undefined ? {} : { [place]: parameter }) }
  }
  if (type === 'mutualtls') return { by: 'mtls', name, at }
  const what = type === 'http' ? `http ${http ?? ''}`.trim() : type === 'apikey' ? 'an API key in a cookie' : type
  notes.add('dropped', at, `The security scheme ${name} (${what || 'of no type'}), which this gateway cannot ask for`)
  return undefined
}

/** What a scheme's addresses tell of an Access Management server; the rest is a person's to fill in. */
function authorizationServer(scheme: Open): Record<string, unknown> {
  const addresses = [
    text(scheme.openIdConnectUrl),
    ...Object.values(members(scheme.flows)).map((flow) => text(members(flow).tokenUrl)),
  ]
  for (const address of addresses) {
    const found = /^(https?:\/\/.+)\/([^/]+)\/(?:oidc\/\.well-known\/openid-configuration|oauth\/token)$/.exec(
      address ?? '',
    )
    if (found) return { serverURL: found[1], securityDomain: found[2] }
  }
  return {}
}

function planFor(scheme: Scheme, flows: readonly Open[], context: ReadContext): Open {
  const { notes } = context
  const { name, at } = scheme
  if (scheme.by === 'mtls') {
    notes.add('changed', at, `${name} becomes a plan with client certificates`)
    return plan(context, name, { type: 'MTLS' }, flows)
  }
  if (scheme.by === 'api-key') {
    notes.add('changed', at, `${name} becomes a plan with API keys`)
    if (scheme.header?.toLowerCase() !== 'x-gravitee-api-key')
      notes.add(
        'changed',
        '/components/securitySchemes',
        `The key of ${name} comes in the header X-Gravitee-Api-Key here, as in Gravitee, not as ${scheme.header ?? scheme.query ?? 'described'}`,
      )
    return plan(context, name, { type: 'API_KEY' }, flows)
  }
  const subscribed = 'only applications that have subscribed are let in'
  if (scheme.isJwt) {
    notes.add('changed', at, `${name} becomes a plan with JSON Web Tokens: ${subscribed}`, 'Say in the plan where the keys are before you deploy.') // prettier-ignore
    const configuration = { signature: 'RSA_RS256', publicKeyResolver: 'JWKS_URL' }
    return plan(context, name, { type: 'JWT', configuration }, flows)
  }
  notes.add('changed', at, `${name} becomes an OAuth2 plan, in whose flows the scopes of each operation are asked for, and a resource that says who knows the tokens: ${subscribed}`, scheme.server.clientId === undefined ? 'Fill in the resource before you deploy.' : undefined) // prettier-ignore
  return plan(context, name, { type: 'OAUTH2', configuration: { oauthResource: name } }, flows)
}

const plan = ({ newId }: ReadContext, name: string, security: Open, flows: readonly Open[]): Open => ({
  id: newId(),
  name,
  security,
  flows,
  status: 'PUBLISHED',
})

/** The step that asks for a token with these scopes. */
const tokenStep = (resource: string, scopes: readonly string[]): Open => ({
  name: 'OAuth2',
  enabled: true,
  policy: 'oauth2',
  configuration: {
    oauthResource: resource,
    ...(scopes.length === 0
      ? {}
      : { checkRequiredScopes: true, requiredScopes: [...new Set(scopes)], modeStrict: true }),
  },
})
