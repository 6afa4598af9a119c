import { Pool } from 'undici'
import type { Evidence } from '@shared/traffic'
import { certificateFault, type CertificateFault } from '../../tls/certificate-fault'
import { unreachableReason } from '../../tls/unreachable-reason'
import type { Connectors } from '../../tls/connector'
import { elapsed } from '../../elapsed'
import type { Introspection, LocalAuthorization } from '../resource'
import type { Configuration } from './configuration'

/** Bytes of an introspection answer: more is nobody's claims. */
const MAX_ANSWER = 1024 * 1024
const MAX_CONNECTIONS = 100

export interface IntrospectionClient {
  readonly endpoint: URL
  /** Whether the server is this very engine, now: its address may change while this client lives. */
  readonly isLocal: () => boolean
  /** @param digest as of TokenAuthority */
  introspect(token: string, digest?: () => string): Introspection | Promise<Introspection>
  close(): void
}

/** Asks for tokens as RFC 7662 says, over HTTP or, where the server is this very engine, in process with the same outcomes. */
export function createIntrospectionClient(
  settings: Configuration,
  local: LocalAuthorization,
  connectors: Connectors,
): IntrospectionClient {
  const { serverURL, version = 'V3_X', securityDomain, clientId, clientSecret } = settings
  const server = new URL(serverURL)
  const base = `${server.pathname.replace(/\/+$/, '')}/${encodeURIComponent(securityDomain)}`
  const endpoint = new URL(`${base}/oauth/${version === 'V1_X' ? 'check_token' : 'introspect'}`, server)
  const readTimeout = settings.readTimeout ?? 30_000
  const where: Evidence[] = [{ label: 'Asked', value: endpoint.href }]
  // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')
  // One object for all requests: what answers in process knows it again.
  const client = { clientId, clientSecret }
  let pool: Pool | undefined

  async function overHttp(token: string): Promise<Introspection> {
    pool ??= new Pool(server.origin, {
      connections: MAX_CONNECTIONS,
      connect: connectors(settings.connectTimeout ?? 5000),
      headersTimeout: readTimeout,
      bodyTimeout: readTimeout,
    })
    const signal = AbortSignal.timeout(readTimeout)
    try {
      const { statusCode, body } = await pool.request({
        path: endpoint.pathname,
        method: 'POST',
        headers: {
          authorization: `Basic ${basic}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: new URLSearchParams({ token }).toString(),
        signal,
      })
      if (statusCode !== 200) {
        await body.dump()
        return refusedUs(statusCode)
      }
      return readAnswer(await textOf(body))
    } catch (error) {
      const fault = certificateFault(error)
      if (fault !== undefined) return untrusted(fault)
      return unavailable(signal.aborted ? `gave no answer within ${readTimeout} ms` : unreachableReason(error))
    }
  }

  function readAnswer(text: string | undefined): Introspection {
    const unreadable = (what: string): Introspection => ({
      outcome: 'unreadable',
      sentence: `The authorization server answered introspection with ${what}`,
      evidence: where,
    })
    if (text === undefined) return unreadable('more than 1 MiB')
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      return unreadable('something that is not JSON')
    }
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return unreadable('no JSON object')
    const claims = answer as Record<string, unknown> // an object that came out of JSON
    // V1's check_token answers the claims of a good token without `active`.
    if (
      version === 'V1_X' &&
      claims.active === undefined &&
      claims.error === undefined &&
      claims.client_id !== undefined
    )
      return { outcome: 'active', claims, inProcess: undefined }
    if (typeof claims.active !== 'boolean') return unreadable('an object that has no active of true or false')
    // A server that is asked by the very client of a refresh token says that it is active.
    if (claims.active && claims.token_type === 'refresh_token') {
      const reason = 'It is a refresh token, and APIs take access tokens'
      return { outcome: 'inactive', inProcess: false, reason }
    }
    return claims.active
      ? { outcome: 'active', claims, inProcess: undefined }
      : { outcome: 'inactive', inProcess: false }
  }

  function refusedUs(status: number, reason?: string): Introspection {
    const why =
      reason ??
      (status === 401 || status === 403
        ? 'it does not accept the client id and secret of the resource'
        : status === 404
          ? `it has no domain ${securityDomain}, or no introspection there`
          : 'it fails')
    return {
      outcome: 'unavailable',
      sentence: `The authorization server answered introspection with ${status}: ${why}`,
      evidence: [...where, { label: 'Answer', value: String(status) }],
    }
  }

  function unavailable(reason: string): Introspection {
    return {
      outcome: 'unavailable',
      sentence: `The authorization server at ${server.origin} ${reason}`,
      evidence: where,
    }
  }

  function untrusted(fault: CertificateFault): Introspection {
    return {
      outcome: 'unavailable',
      sentence: `The certificate of the authorization server at ${server.origin} is not trusted: it ${fault.reason}`,
      evidence: [...where, { label: 'What helps', value: fault.remedy }],
      fault,
    }
  }

  function inProcess(token: string, digest: string | undefined): Introspection | Promise<Introspection> {
    const started = performance.now()
    const answer = local.introspect(securityDomain, client, token, digest)
    return answer instanceof Promise ? answer.then((late) => judge(late, started)) : judge(answer, started)
  }

  function judge(answer: Awaited<ReturnType<LocalAuthorization['introspect']>>, started: number): Introspection {
    if (answer.status !== 200) return refusedUs(answer.status, answer.reason)
    return answer.active
      ? {
          outcome: 'active',
          claims: answer.claims,
          inProcess: { domainPath: securityDomain, durationMs: elapsed(started) },
        }
      : { outcome: 'inactive', inProcess: true, reason: answer.reason, evidence: answer.evidence }
  }

  const isLocal = () => server.pathname === '/' && local.serves(server)
  return {
    endpoint,
    isLocal,
    introspect: (token, digest) => (isLocal() ? inProcess(token, digest?.()) : overHttp(token)),
    close() {
      const closing = pool
      pool = undefined
      void closing?.destroy()
    },
  }
}

/** Undefined when it is longer than an answer may be. */
async function textOf(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const formEncoded = (text: string) => new URLSearchParams({ t: text }).toString().slice(2)
