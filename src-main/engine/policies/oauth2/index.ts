import { createHash } from 'node:crypto'
import type { Exchange } from '../../gateway/exchange'
import type { BoundResources, Cache, Introspection, TokenAuthority } from '../../resources/resource'
import { configuredText } from '../configured-text'
import { definePolicy, type Failure } from '../policy'
import { lackingScopes, scopesOf } from '../scopes'
import { configuration } from './configuration'
import { createFailures, errors } from './failures'
import guide from './guide.md?raw'

type Active = Extract<Introspection, { outcome: 'active' }>

/** Attribute under which a request's introspection is kept for a second step with the same resource. */
const INTROSPECTION = 'gatehouse.introspection'

export const oauth2 = definePolicy({
  id: 'oauth2',
  name: 'OAuth2',
  summary: 'Lets in only calls with a good access token',
  category: 'security',
  icon: 'i-lucide-shield-check',
  phases: ['request'],
  configuration,
  guide,
  errors,

  create(settings, bound) {
    const { resources, place } = bound
    const {
      checkRequiredScopes = false,
      modeStrict = true,
      extractPayload = false,
      propagateAuthHeader = true,
    } = settings
    const requiredScopes = checkRequiredScopes ? (settings.requiredScopes ?? []) : []
    const failures = createFailures(place, requiredScopes)
    const resourceName = configuredText(bound, 'oauthResource', settings.oauthResource)
    const cacheName = configuredText(bound, 'oauthCacheResource', settings.oauthCacheResource ?? '')

    function check(exchange: Exchange): Failure | undefined | Promise<Failure | undefined> {
      const name = resourceName.of(exchange)
      const authority = resources.get(name)
      if (authority?.kind !== 'token-authority') return failures.missingServer(name, authority?.kind)

      const header = exchange.request.headers.authorization
      const credentials = typeof header === 'string' ? header.trim() : undefined
      if (credentials === undefined) return failures.missingHeader(authority, undefined)
      const [scheme = ''] = credentials.split(/\s/, 1)
      if (scheme.toLowerCase() !== 'bearer') return failures.missingHeader(authority, maskedScheme(scheme, credentials))
      const token = credentials.slice(scheme.length).trim()
      if (token === '') return failures.missingAccessToken(authority)

      const cache = cacheOf(resources, cacheName.of(exchange))
      const known = remembered(exchange, authority, cache, token)
      if (known !== undefined) return admit(exchange, authority, token, known, 'remembered')
      const answer = authority.introspect(token)
      return answer instanceof Promise
        ? answer.then((introspection) => judge(exchange, authority, cache, token, introspection))
        : judge(exchange, authority, cache, token, answer)
    }

    function judge(
      exchange: Exchange,
      authority: TokenAuthority,
      cache: Cache | undefined,
      token: string,
      introspection: Introspection,
    ): Failure | undefined {
      switch (introspection.outcome) {
        case 'inactive':
          return failures.invalidAccessToken(authority, introspection)
        case 'unreadable':
          return failures.invalidServerResponse(authority, introspection.sentence, introspection.evidence)
        case 'unavailable':
          return failures.serverUnavailable(authority, introspection)
        case 'active':
          remember(exchange, authority, cache, token, introspection)
          return admit(exchange, authority, token, introspection, introspection.inProcess ? 'in process' : 'over HTTP')
      }
    }

    function admit(
      exchange: Exchange,
      authority: TokenAuthority,
      token: string,
      { claims }: Active,
      asked: string,
    ): Failure | undefined {
      const scopes = scopesOf(claims)
      const clientId = typeof claims.client_id === 'string' ? claims.client_id : undefined
      const user = claims[authority.userClaim]
      const { attributes } = exchange
      attributes.set('oauth.access_token', token)
      if (clientId !== undefined) attributes.set('oauth.client_id', clientId)
      if (extractPayload) attributes.set('oauth.payload', JSON.stringify(claims))
      if (typeof user === 'string') attributes.set('user', user)
      attributes.set('roles', scopes)

      const { lacking, enough } = lackingScopes(requiredScopes, scopes, modeStrict)
      if (!enough) return failures.insufficientScope(authority, lacking, scopes, modeStrict, clientId)

      if (!propagateAuthHeader) {
        delete exchange.request.headers.authorization
        exchange.trace?.headerChanged({ name: 'Authorization', before: 'Bearer ••••' })
      }
      exchange.trace?.passed(
        requiredScopes.length === 0
          ? 'The token is active; no scope is required'
          : `The token is active and has ${requiredScopes.filter((scope) => scopes.includes(scope)).join(', ')}`,
        [
          { label: 'Resource', value: authority.name },
          { label: 'Asked', value: asked },
          ...(clientId === undefined ? [] : [{ label: 'Client', value: clientId }]),
          { label: 'Scopes of the token', value: scopes.join(' ') },
        ],
      )
      return undefined
    }

    return { request: check }
  },
})

/** What came before the first space is told only when something followed: a bare word may be a token sent without Bearer. */
function maskedScheme(scheme: string, credentials: string): string {
  return scheme.length < credentials.length && /^[A-Za-z-]{1,20}$/.test(scheme) ? `${scheme} ••••` : '••••'
}

function cacheOf(resources: BoundResources, name: string): Cache | undefined {
  const resource = name === '' ? undefined : resources.get(name)
  return resource?.kind === 'cache' ? resource : undefined
}

const keyOf = (authority: TokenAuthority, token: string) =>
  `${authority.name}:${createHash('sha256').update(token).digest('base64url')}`

interface Known {
  readonly authority: TokenAuthority
  readonly token: string
  readonly introspection: Active
}

function remembered(
  { attributes }: Exchange,
  authority: TokenAuthority,
  cache: Cache | undefined,
  token: string,
): Active | undefined {
  const own = attributes.get(INTROSPECTION) as Known | undefined // only `remember` below sets it
  if (own?.authority === authority && own.token === token) return own.introspection
  return cache?.get(keyOf(authority, token)) as Active | undefined // only `remember` below sets these keys
}

function remember(
  { attributes }: Exchange,
  authority: TokenAuthority,
  cache: Cache | undefined,
  token: string,
  introspection: Active,
): void {
  attributes.set(INTROSPECTION, { authority, token, introspection } satisfies Known)
  if (cache === undefined) return
  const { exp } = introspection.claims
  // An answer without `exp` is kept for as long as the cache keeps anything.
  cache.set(keyOf(authority, token), introspection, typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY)
}
