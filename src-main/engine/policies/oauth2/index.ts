import type { Exchange } from '../../gateway/exchange'
import type { BoundResources, Cache, Introspection, TokenAuthority } from '../../resources/resource'
import { authorizationOf } from '../bearer-token'
import { configuredText } from '../configured-text'
import { digestIn } from '../digest-in'
import { definePolicy, type Credential, type Failure } from '../policy'
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
  planWants: 'an access token',

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

    /** What the call brings, before anybody is asked about it. */
    function bring(exchange: Exchange): Brought | Failure {
      const name = resourceName.of(exchange)
      const authority = resources.get(name)
      if (authority?.kind !== 'token-authority') return failures.missingServer(name, authority?.kind)

      const authorization = authorizationOf(exchange)
      if (authorization === undefined) return failures.missingHeader(authority, undefined)
      const { scheme, credentials, token } = authorization
      if (token === undefined) return failures.missingHeader(authority, maskedScheme(scheme, credentials))
      return token === '' ? failures.missingAccessToken(authority) : { authority, token }
    }

    function check(exchange: Exchange): Failure | undefined | Promise<Failure | undefined> {
      const brought = bring(exchange)
      if ('key' in brought) return brought
      const { authority, token } = brought
      const cache = cacheOf(resources, cacheName.of(exchange))
      const known = remembered(exchange, authority, cache, token)
      if (known !== undefined) return admit(exchange, authority, token, known, 'remembered')
      const answer = authority.introspect(token, () => digestIn(exchange, token))
      return answer instanceof Promise
        ? answer.then((introspection) => judge(exchange, authority, cache, token, introspection))
        : judge(exchange, authority, cache, token, answer)
    }

    /** The server is asked whose token it is; the check that follows finds its answer remembered. */
    function credential(exchange: Exchange): Credential | undefined | Promise<Credential | undefined> {
      const brought = bring(exchange)
      if ('key' in brought) {
        if (brought.key === 'OAUTH2_MISSING_HEADER') return undefined
        return { kind: 'invalid', reason: lowerFirst(brought.sentence), evidence: brought.evidence }
      }
      const { authority, token } = brought
      const cache = cacheOf(resources, cacheName.of(exchange))
      const known = remembered(exchange, authority, cache, token)
      if (known !== undefined) return clientOf(known)
      const answer = authority.introspect(token, () => digestIn(exchange, token))
      const read = (introspection: Introspection): Credential => {
        if (introspection.outcome === 'active') {
          remember(exchange, authority, cache, token, introspection)
          return clientOf(introspection)
        }
        const { sentence, evidence } = failureOf(authority, introspection)
        const fault = introspection.outcome === 'unavailable'
        return { kind: 'invalid', reason: lowerFirst(sentence), evidence, fault }
      }
      return answer instanceof Promise ? answer.then(read) : read(answer)
    }

    function failureOf(authority: TokenAuthority, introspection: Exclude<Introspection, Active>): Failure {
      switch (introspection.outcome) {
        case 'inactive':
          return failures.invalidAccessToken(authority, introspection)
        case 'unreadable':
          return failures.invalidServerResponse(authority, introspection.sentence, introspection.evidence)
        case 'unavailable':
          return failures.serverUnavailable(authority, introspection)
      }
    }

    function judge(
      exchange: Exchange,
      authority: TokenAuthority,
      cache: Cache | undefined,
      token: string,
      introspection: Introspection,
    ): Failure | undefined {
      if (introspection.outcome !== 'active') return failureOf(authority, introspection)
      remember(exchange, authority, cache, token, introspection)
      return admit(
        exchange,
        authority,
        token,
        introspection,
        introspection.inProcess !== undefined ? 'in process' : 'over HTTP',
      )
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
        exchange.request.headers.authorization = undefined
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

    return { request: check, credential }
  },
})

interface Brought {
  readonly authority: TokenAuthority
  readonly token: string
}

function clientOf({ claims }: Active): Credential {
  const { client_id: clientId } = claims
  return typeof clientId === 'string'
    ? { kind: 'client', clientId }
    : {
        kind: 'invalid',
        reason: 'the authorization server does not say which client the token was issued to',
        evidence: [],
      }
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

/** What came before the first space is told only when something followed: a bare word may be a token sent without Bearer. */
function maskedScheme(scheme: string, credentials: string): string {
  return scheme.length < credentials.length && /^[A-Za-z-]{1,20}$/.test(scheme) ? `${scheme} ••••` : '••••'
}

function cacheOf(resources: BoundResources, name: string): Cache | undefined {
  const resource = name === '' ? undefined : resources.get(name)
  return resource?.kind === 'cache' ? resource : undefined
}

const keyOf = (authority: TokenAuthority, exchange: Exchange, token: string) =>
  `${authority.name}:${digestIn(exchange, token)}`

interface Known {
  readonly authority: TokenAuthority
  readonly token: string
  readonly introspection: Active
}

function remembered(
  exchange: Exchange,
  authority: TokenAuthority,
  cache: Cache | undefined,
  token: string,
): Active | undefined {
  const own = exchange.attributes.get(INTROSPECTION) as Known | undefined // only `remember` below sets it
  if (own?.authority === authority && own.token === token) return own.introspection
  return cache?.get(keyOf(authority, exchange, token)) as Active | undefined // only `remember` below sets these keys
}

function remember(
  exchange: Exchange,
  authority: TokenAuthority,
  cache: Cache | undefined,
  token: string,
  introspection: Active,
): void {
  const { attributes } = exchange
  attributes.set(INTROSPECTION, { authority, token, introspection } satisfies Known)
  if (introspection.inProcess !== undefined) (exchange.introspections ??= []).push(introspection.inProcess)
  if (cache === undefined) return
  const { exp } = introspection.claims
  // An answer without `exp` is kept for as long as the cache keeps anything.
  cache.set(
    keyOf(authority, exchange, token),
    introspection,
    typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY,
  )
}
