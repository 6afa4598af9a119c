import type { Exchange } from '../../gateway/exchange'
import { bearerToken } from '../bearer-token'
import { configuredText } from '../configured-text'
import { digestIn } from '../digest-in'
import { ConfigurationError, definePolicy, type Bound, type Credential, type Failure } from '../policy'
import { lackingScopes, scopesOf } from '../scopes'
import { boundFlaw } from './certificate-bound'
import { claimAt, clientIdOf } from './claims'
import { configuration, type Configuration } from './configuration'
import { createFailures, errors } from './failures'
import { gatewayKeys } from './gateway-keys'
import { givenKey, KeyFault, type JwtAlgorithm } from './given-key'
import guide from './guide.md?raw'
import type { KeySource } from './key-source'
import { refuseUnsupported } from './refuse-unsupported'
import { remoteKeys } from './remote-keys'
import { createRemembered } from './remembered'
import { createRevocations, type Revocation } from './revocations'
import { typeFlaw } from './token-type'
import { flaw, readToken, timeFlaw, verifyToken, type Claims, type Verification, type Verified } from './verify'

type Outcome = Failure | undefined | Promise<Failure | undefined>

export const jwt = definePolicy({
  id: 'jwt',
  name: 'JSON Web Tokens',
  summary: 'Lets in only calls with a token that is signed right',
  category: 'security',
  icon: 'i-lucide-file-key-2',
  phases: ['request'],
  configuration,
  guide,
  errors,
  planWants: 'a JSON Web Token',

  create(settings, bound) {
    refuseUnsupported(settings)
    const {
      checkRequiredScopes = false,
      modeStrict = true,
      extractClaims = false,
      propagateAuthHeader = true,
    } = settings
    const requiredScopes = checkRequiredScopes ? (settings.requiredScopes ?? []) : []
    const failures = createFailures(bound.place, requiredScopes)
    const algorithm = settings.signature.slice(settings.signature.indexOf('_') + 1) as JwtAlgorithm // RSA_RS256 is RS256
    const sourceOf = keySources(settings, algorithm, bound)
    const remembered = createRemembered()
    const revocations = createRevocations(settings.revocationCheck, bound.connectors)
    if (revocations !== undefined) bound.onClose(revocations.close)

    function check(exchange: Exchange): Outcome {
      const found = bearerToken(exchange)
      if (found.found !== 'token') return failures.missingToken(found)
      const { token } = found
      const source = sourceOf(exchange)
      if ('reason' in source) return failures.noKeys('JWT_POLICY_ERROR', source)
      const known = remembered.get(digestIn(exchange, token))
      if (known !== undefined && source.holds(known.key, known.token)) return judge(exchange, token, known, true)

      const read = readToken(token)
      if ('reason' in read) return failures.invalidToken(read)
      const verification = verifyToken(token, read, algorithm, source)
      return verification instanceof Promise
        ? verification.then((done) => judgeSignature(exchange, token, done))
        : judgeSignature(exchange, token, verification)
    }

    function judgeSignature(exchange: Exchange, token: string, verification: Verification): Outcome {
      if ('fault' in verification) return failures.noKeys('JWT_JWKS_RESOLUTION_ERROR', verification.fault)
      if ('flaw' in verification) return failures.invalidToken(verification.flaw)
      return judge(exchange, token, verification.verified, false)
    }

    function judge(exchange: Exchange, token: string, verified: Verified, isRemembered: boolean): Outcome {
      const { header, claims } = verified.token
      const wrong = timeFlaw(claims, exchange.request.timestamp) ?? typeFlaw(header, settings.tokenTypValidation)
      if (wrong !== undefined) return failures.invalidToken(wrong)
      if (!isRemembered) remembered.set(digestIn(exchange, token), verified)
      const other = boundFlaw(claims, exchange, settings.confirmationMethodValidation)
      if (other !== undefined) return failures.otherCertificate(other)
      const revocation = revocations?.of(claims) ?? 'good'
      return revocation instanceof Promise
        ? revocation.then((done) => judgeRevocation(exchange, token, verified, done))
        : judgeRevocation(exchange, token, verified, revocation)
    }

    function judgeRevocation(
      exchange: Exchange,
      token: string,
      verified: Verified,
      revocation: Revocation,
    ): Failure | undefined {
      // prettier-ignore
      if (revocation === 'good') return admit(exchange, token, verified)
      return 'revoked' in revocation ? failures.revoked(revocation.revoked) : failures.revocationsUnknown(revocation.unknown) // prettier-ignore
    }

    function admit(exchange: Exchange, token: string, { key, token: { claims } }: Verified): Failure | undefined {
      const scopes = scopesOf(claims)
      const { lacking, enough } = lackingScopes(requiredScopes, scopes, modeStrict)
      if (!enough) return failures.insufficientScope(lacking, scopes, modeStrict)
      const clientId = leave(exchange, token, claims)
      if (!propagateAuthHeader && exchange.request.headers.authorization !== undefined) {
        exchange.request.headers.authorization = undefined
      }
      exchange.trace?.passed(
        requiredScopes.length === 0
          ? `The token is signed with ${algorithm} by ${key.called}, and its time is not over`
          : `The token is signed right and has ${requiredScopes.filter((scope) => scopes.includes(scope)).join(', ')}`,
        [
          { label: 'Key', value: key.called },
          ...(clientId === undefined ? [] : [{ label: 'Client', value: clientId }]),
          { label: 'Scopes of the token', value: scopes.join(' ') },
        ],
      )
      return undefined
    }

    /** What later policies can read; answers the client. */
    function leave({ attributes }: Exchange, token: string, claims: Claims): string | undefined {
      attributes.set('jwt.token', token)
      if (extractClaims) attributes.set('jwt.claims', claims)
      const clientId = clientIdOf(claims, settings.clientIdClaim)
      if (clientId !== undefined) attributes.set('oauth.client_id', clientId)
      const user = claimAt(claims, settings.userClaim?.trim() || 'sub')
      if (typeof user === 'string') attributes.set('user', user)
      return clientId
    }

    /** Of the unverified claims: whether they are true, the check says once the plan is chosen. */
    function credential(exchange: Exchange): Credential | undefined {
      const found = bearerToken(exchange)
      if (found.found !== 'token') return undefined
      const read = remembered.get(digestIn(exchange, found.token))?.token ?? readToken(found.token)
      if ('reason' in read)
        return { kind: 'invalid', reason: `the token is none: ${lowerFirst(read.reason)}`, evidence: read.evidence }
      // For selection rules, which tell apart plans for tokens of several issuers.
      exchange.attributes.set('jwt', read)
      const clientId = clientIdOf(read.claims, settings.clientIdClaim)
      if (clientId !== undefined) return { kind: 'client', clientId }
      return { kind: 'invalid', reason: 'the token does not say which client it was issued to', evidence: [] }
    }

    return { request: check, credential }
  },
})

type SourceOf = (exchange: Exchange) => KeySource | ReturnType<typeof flaw>

/** Where keys come from. What stands in the configuration as it is, is read now; what an expression gives, when it gives it. */
function keySources(settings: Configuration, algorithm: JwtAlgorithm, bound: Bound): SourceOf {
  if (settings.publicKeyResolver === 'GATEWAY_KEYS') {
    const source = gatewayKeys(bound.local, algorithm)
    return () => source
  }
  const text = settings.resolverParameter?.trim() ?? ''
  const isUrl = settings.publicKeyResolver === 'JWKS_URL'
  const wrong = (message: string, remedy: string) => new ConfigurationError('resolverParameter', message, remedy)
  if (text === '')
    throw isUrl
      ? wrong('it has no address of a key set', 'Give one, such as https://login.example.com/.well-known/jwks.json.')
      : wrong('it has no key', 'Paste the public key in PEM, or the shared secret.')
  const sourceFor = (parameter: string): KeySource => {
    if (!isUrl) return givenKey(parameter, algorithm)
    const url = URL.canParse(parameter.trim()) ? new URL(parameter.trim()) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) throw new KeyFault('This is no http address')
    const { connectTimeout = 2000, requestTimeout = 2000, followRedirects = false } = settings
    const { connectors } = bound
    const source = remoteKeys(url, algorithm, { connectors, connectTimeout, requestTimeout, followRedirects })
    bound.onClose(source.close)
    return source
  }
  const configured = configuredText(bound, 'resolverParameter', text)
  if (configured.constant !== undefined) {
    try {
      const source = sourceFor(configured.constant)
      return () => source
    } catch (error) {
      if (!(error instanceof KeyFault)) throw error
      throw wrong(error.message, isUrl ? 'Give the address of the key set.' : 'Give a key that fits the signature.')
    }
  }
  const sources = new Map<string, KeySource>()
  return (exchange) => {
    const parameter = configured.of(exchange)
    const known = sources.get(parameter)
    if (known !== undefined) return known
    try {
      // Expressions may follow what callers send, who could make any number of them.
      if (sources.size >= MOST_SOURCES) return flaw('The expression for the key has given too many different keys')
      const source = sourceFor(parameter)
      sources.set(parameter, source)
      return source
    } catch (error) {
      if (!(error instanceof KeyFault)) throw error
      return flaw(`The expression for the key gives nothing that can be used: ${error.message}`)
    }
  }
}

const MOST_SOURCES = 1000

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
