import type { ReadContext } from '../reader'
import { child, entries, isObject, kebab, members, text, type Open } from '../values'
import type { Resolve } from './references'

/** How the gateway asks for what a security scheme describes; undefined where it cannot. */
type Scheme =
  | { readonly by: 'oauth2'; readonly name: string; readonly resource: Open }
  | { readonly by: 'api-key'; readonly name: string; readonly header?: string; readonly query?: string }
  | { readonly by: 'mtls'; readonly name: string }

/** What an operation asks of its caller. */
export interface Asked {
  readonly schemes: readonly Scheme[]
  readonly scopes: readonly string[]
}

/** Reads security schemes and what each operation asks for. */
export interface Security {
  /** @param at pointer to the operation */
  of(operation: Open, at: string): Asked
  /** Resources that the steps of the operations asked so far need. */
  resources(): readonly Open[]
  /** Plans that the operations asked so far need; a key-less one when none does. */
  plans(): readonly Open[]
}

export function readSecurity(document: Open, resolve: Resolve, context: ReadContext): Security {
  const { notes } = context
  const declared = members(members(document.components).securitySchemes)
  const schemes = new Map(
    Object.entries(declared).map(([name, value]) => {
      const at = child('/components/securitySchemes', name)
      return [name, readScheme(name, members(resolve(value)), at, context)] as const
    }),
  )
  const used = new Map<string, Scheme>()
  let open = 0

  const of = (operation: Open, at: string): Asked => {
    const alternatives = entries(operation.security ?? document.security, `${at}/security`).filter((entry) =>
      isObject(entry.value),
    )
    if (alternatives.length === 0 || alternatives.some(({ value }) => Object.keys(members(value)).length === 0)) {
      if (alternatives.length > 0)
        notes.add('changed', at, 'The caller may identify itself here or not: nothing is asked for')
      open++
      return { schemes: [], scopes: [] }
    }
    const possible = alternatives.find(({ value }) => Object.keys(members(value)).every((name) => schemes.get(name)))
    const chosen = possible ?? alternatives[0]!
    const names = Object.keys(members(chosen.value))
    if (alternatives.length > 1)
      notes.add(
        'changed',
        at,
        `Of ${alternatives.length} ways to be let in, the gateway asks for ${names.join(' and ')}`,
      )
    const found = names.flatMap((name) => schemes.get(name) ?? [])
    for (const name of names)
      if (!schemes.has(name)) notes.add('dropped', chosen.at, `The security scheme ${name}, which is not described`)
    if (found.length === 0) {
      open++
      notes.add('dropped', at, 'What this operation asks of its caller: it stands open', 'Add a policy to its flow.')
    }
    for (const scheme of found) used.set(scheme.name, scheme)
    const scopes = names.flatMap((name) => {
      const list = members(chosen.value)[name]
      return Array.isArray(list) ? list.filter((scope): scope is string => typeof scope === 'string') : []
    })
    return { schemes: found, scopes: [...new Set(scopes)] }
  }

  return {
    of,
    resources: () => [...used.values()].flatMap((scheme) => (scheme.by === 'oauth2' ? [scheme.resource] : [])),
    plans: () => {
      const plans = [...used.values()].flatMap((scheme) => (scheme.by === 'oauth2' ? [] : [planFor(scheme, context)]))
      if (plans.length > 0 && open > 0)
        notes.add('changed', '/security', 'Plans are for a whole API: operations that ask for nothing ask for it too')
      if (plans.length > 0) return plans
      return [plan(context, 'Keyless', { type: 'KEY_LESS' })]
    },
  }
}

function readScheme(name: string, scheme: Open, at: string, { notes }: ReadContext): Scheme | undefined {
  const type = kebab(text(scheme.type) ?? '').replaceAll('-', '')
  const http = text(scheme.scheme)?.toLowerCase()
  if (type === 'oauth2' || type === 'openidconnect' || (type === 'http' && http === 'bearer')) {
    const configuration = authorizationServer(scheme)
    notes.add(
      'changed',
      at,
      `${name} becomes the OAuth2 policy in each flow, with the scopes of its operation, and a resource that says who knows the tokens`,
      configuration.clientId === undefined ? 'Fill in the resource before you deploy.' : undefined,
    )
    return { by: 'oauth2', name, resource: { name, type: 'oauth2-am-resource', enabled: true, configuration } }
  }
  if (type === 'apikey') {
    const place = text(scheme.in)?.toLowerCase()
    const parameter = text(scheme.name)
    if (place === 'header' || place === 'query') {
      notes.add('changed', at, `${name} becomes a plan with API keys`)
      return { by: 'api-key', name, ...(parameter === undefined ? {} : { [place]: parameter }) }
    }
  }
  if (type === 'mutualtls') {
    notes.add('changed', at, `${name} becomes a plan with client certificates`)
    return { by: 'mtls', name }
  }
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

function planFor(scheme: Exclude<Scheme, { by: 'oauth2' }>, context: ReadContext): Open {
  if (scheme.by === 'mtls') return plan(context, scheme.name, { type: 'MTLS' })
  const own = scheme.header?.toLowerCase() !== 'x-gravitee-api-key'
  if (own)
    context.notes.add(
      'changed',
      '/components/securitySchemes',
      `The key of ${scheme.name} comes in the header X-Gravitee-Api-Key here, as in Gravitee, not as ${scheme.header ?? scheme.query ?? 'described'}`,
    )
  return plan(context, scheme.name, { type: 'API_KEY' })
}

const plan = ({ newId }: ReadContext, name: string, security: Open): Open => ({
  id: newId(),
  name,
  security,
  flows: [],
  status: 'PUBLISHED',
})

/** The steps that ask the caller of an operation. */
export function securitySteps({ schemes, scopes }: Asked): Open[] {
  return schemes.flatMap((scheme) =>
    scheme.by !== 'oauth2'
      ? []
      : [
          {
            name: 'OAuth2',
            enabled: true,
            policy: 'oauth2',
            configuration: {
              oauthResource: scheme.name,
              ...(scopes.length === 0
                ? {}
                : { checkRequiredScopes: true, requiredScopes: [...scopes], modeStrict: true }),
            },
          },
        ],
  )
}
