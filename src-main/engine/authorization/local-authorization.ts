import { randomUUID } from 'node:crypto'
import type { LocalAuthorization, LocalIntrospection } from '../resources/resource'
import type { AuthorizationOptions } from './authorization'
import { authenticateClient } from './client-authentication/authenticate-client'
import type { CompiledDomain, CompiledDomains } from './compiled-domain'
import { introspectionOf } from './endpoints/introspect'
import type { TokenFamilies } from './grants/token-families'
import { createCallReport, type CallReport } from './http/call-report'
import { OAuthRefusal } from './http/oauth-refusal'
import { isOver } from './keys/token-key'
import { grantIdOf, type AccessTokenClaims } from './tokens/access-token'
import { mayBeRefreshToken } from './tokens/inspect-refresh-token'
import type { TokenInspector } from './tokens/inspect-token'
import type { TokenFlaw } from './tokens/verify-signature'

/** Introspection by the gateway of the same engine: the same checks as over HTTP, with the reason beside the outcome. */
export function createLocalAuthorization(
  inspector: TokenInspector,
  families: TokenFamilies,
  running: () => CompiledDomains,
  { address, publicAddress, onRecord }: Pick<AuthorizationOptions, 'address' | 'publicAddress' | 'onRecord'>,
): LocalAuthorization {
  // A gateway asks for each request with the same objects: what was found of them holds until address or domain change.
  const served = new WeakMap<URL, { readonly own: string; readonly same: boolean }>()
  const accepted = new WeakMap<object, CompiledDomain>()
  /** Of tokens that applications got for themselves: their answers hold nothing but claims, which are the same object as long as they are known. */
  const answers = new WeakMap<AccessTokenClaims, Readonly<Record<string, unknown>>>()

  function answerOf(domain: CompiledDomain, claims: AccessTokenClaims): Readonly<Record<string, unknown>> {
    if (grantIdOf(claims) !== undefined) return introspectionOf(domain, claims)
    let answer = answers.get(claims)
    if (answer === undefined) answers.set(claims, (answer = Object.freeze(introspectionOf(domain, claims))))
    return answer
  }

  /** What was asked when, by which client. Made only where there is a record to write. */
  function reportOf(domainPath: string, clientId: string, at: number, started: number): CallReport {
    const report = createCallReport({
      id: randomUUID(),
      at,
      started,
      method: 'POST',
      path: `/${domainPath}/oauth/introspect`,
      endpoint: 'introspect',
      domainPath,
      stations: [],
      traced: false,
      inProcess: true,
    })
    report.client(clientId)
    return report
  }

  function tellInactive(report: CallReport, { reason, evidence }: TokenFlaw): LocalIntrospection {
    report.inactive({ reason, evidence })
    onRecord(report.finish(200))
    return { status: 200, active: false, reason, evidence }
  }

  return {
    serves(url) {
      const own = address()
      if (own === undefined) return false
      const known = served.get(url)
      if (known?.own === own) return known.same
      const same = isSameServer(new URL(own), url)
      served.set(url, { own, same })
      return same
    },

    keyOf(issuer, kid) {
      const path = pathOfIssuer(issuer, [address(), publicAddress()])
      const domain = path === undefined ? undefined : running().get(path)
      if (domain?.snapshot.enabled !== true) return undefined
      const key = kid === undefined ? undefined : domain.keys.get(kid)
      const { name: domainName, path: domainPath } = domain.snapshot
      const found = { domainName, domainPath, kids: [...domain.keys.keys()] }
      return key === undefined || isOver(key, Date.now()) ? found : { ...found, key }
    },

    introspect(domainPath, client, token, digest) {
      const at = Date.now()
      const started = performance.now()
      const report = () => reportOf(domainPath, client.clientId, at, started)
      const domains = running()
      const domain = domains.get(domainPath)
      if (domain?.snapshot.enabled !== true) {
        onRecord(report().finish(404))
        const reason =
          domain === undefined ? `There is no domain with the path ${domainPath}` : 'The domain is disabled'
        return { status: 404, reason }
      }
      try {
        if (accepted.get(client) !== domain) {
          const { secret } = authenticateClient(domain, { ...client, method: 'client_secret_basic' }, at)
          // What expires by itself is asked about each time.
          if (secret.expiresAt === Infinity) accepted.set(client, domain)
        }
      } catch (error) {
        if (!(error instanceof OAuthRefusal)) throw error
        onRecord(report().finish(401, error))
        return { status: 401, reason: error.reason.sentence }
      }
      const inspection = inspector.inspect(domain, domains, token, at, digest)
      if (inspection.active) return { status: 200, active: true, claims: answerOf(domain, inspection.claims) }
      if (!mayBeRefreshToken(token)) return tellInactive(report(), inspection)
      return families.findByRefreshToken(domain.snapshot.id, token).then(
        (found) => tellInactive(report(), found === undefined ? inspection : REFRESH_TOKEN),
        () => tellInactive(report(), inspection),
      )
    },
  }
}

/** At an API it is a mistake, also for the application that it was given to. */
const REFRESH_TOKEN: TokenFlaw = { reason: 'It is a refresh token, and APIs take access tokens', evidence: [] }

/** Of a domain of ours, by any address of this server. */
function pathOfIssuer(issuer: string, own: readonly (string | undefined)[]): string | undefined {
  for (const each of own) {
    // Nearly every issuer is one as this server writes it: reading addresses takes longer than all else.
    const path = each !== undefined && issuer.startsWith(each) ? PLAIN_PATH.exec(issuer.slice(each.length)) : null
    if (path !== null) return path[1]
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || !own.some((each) => each !== undefined && isSameServer(new URL(each), url))) return undefined
  return /^\/([^/]+)\/oidc$/.exec(url.pathname)?.[1]
}

/** Of a domain, with nothing in it that reading it as an address could change. */
const PLAIN_PATH = /^\/([\w-]+)\/oidc$/

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** People write localhost where the server listens on 127.0.0.1: it is the same machine's same port. */
function isSameServer(own: URL, other: URL): boolean {
  if (own.protocol !== other.protocol || own.port !== other.port) return false
  return own.hostname === other.hostname || (LOOPBACK.includes(other.hostname) && LOOPBACK.includes(own.hostname))
}
