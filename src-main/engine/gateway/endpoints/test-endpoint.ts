import { TLSSocket } from 'node:tls'
import type { Socket } from 'node:net'
import type { Endpoint, EndpointGroup } from '@shared/api-definition'
import type { ResourceTest } from '@shared/operations'
import { certificateFault } from '../../tls/certificate-fault'
import { compileEndpoint, type EndpointContext } from '../compile-endpoints'
import type { HttpEndpoint } from '../compiled-api'
import { upstreamFault } from '../upstream-failure'

/** Where the connection to an endpoint stands. */
interface Reached {
  readonly remote: string
  /** Undefined without TLS. */
  readonly tls: string | undefined
}

/**
 * Does what the gateway will do: connect, agree on TLS, ask for the target's own path with GET. Any answer is one: whether its
 * status is right, only the backend's people know. Stops at the first that fails.
 */
export async function testEndpoint(
  endpoint: Endpoint,
  group: EndpointGroup,
  context: EndpointContext,
): Promise<ResourceTest> {
  const compiled = compileEndpoint(endpoint, group, context)
  if (Array.isArray(compiled)) {
    const [{ message, remedy } = { message: 'It cannot be called as it is', remedy: 'Correct its settings.' }] = compiled // prettier-ignore
    return { ok: false, sentence: message, ...(remedy === undefined ? {} : { remedy }), steps: [] }
  }
  try {
    return compiled.endpoint.kind === 'mock'
      ? { ok: true, sentence: `It answers ${compiled.endpoint.status} by itself, without a backend`, steps: [] }
      : await testHttp(compiled.endpoint)
  } finally {
    await compiled.close()
  }
}

async function testHttp(endpoint: HttpEndpoint): Promise<ResourceTest> {
  const steps: ResourceTest['steps'] = []
  const step = (title: string, ok: boolean, sentence: string, since?: number) =>
    steps.push({ title, ok, sentence, ...(since === undefined ? {} : { durationMs: performance.now() - since }) })
  const failed = (title: string, error: unknown, since: number): ResourceTest => {
    const { key, sentence } = upstreamFault(error, endpoint)
    step(title, false, sentence, since)
    return { ok: false, sentence, remedy: certificateFault(error)?.remedy ?? remedyFor(key), steps }
  }

  const connected = performance.now()
  try {
    const { remote, tls } = await reach(endpoint)
    step('Connection', true, `${remote} accepts connections`, connected)
    if (tls !== undefined) step('TLS', true, tls)
  } catch (error) {
    return failed(certificateFault(error) === undefined ? 'Connection' : 'Certificate', error, connected)
  }

  const asked = performance.now()
  try {
    const status = await ask(endpoint)
    const ms = Math.round(performance.now() - asked)
    step('Answer', true, `${status} to GET ${endpoint.basePath || '/'}`, asked)
    return { ok: true, sentence: `${endpoint.origin} answers, with ${status} after ${ms} ms`, steps }
  } catch (error) {
    return failed('Answer', error, asked)
  }
}

async function reach(endpoint: HttpEndpoint): Promise<Reached> {
  const socket = await endpoint.connect()
  const remote = `${socket.remoteAddress ?? endpoint.host} port ${socket.remotePort ?? ''}`.trim()
  const tls = tlsOf(socket)
  socket.destroy()
  return { remote, tls }
}

function tlsOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  const subject = certificate?.subject.replaceAll('\n', ', ') ?? ''
  const shown = certificate === undefined ? '' : `, the certificate of ${subject || certificate.subjectAltName || 'nobody'}, valid until ${certificate.validTo}` // prettier-ignore
  const trusted = socket.authorized ? '' : '; it was not verified'
  return `${socket.getProtocol() ?? 'TLS'}${shown}${trusted}`
}

/** The status of the answer. The connection's own time-outs bound it. */
async function ask({ pool, basePath, query, host }: HttpEndpoint): Promise<number> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: `${basePath || '/'}${query === '' ? '' : `?${query}`}`,
    headers: ['host', host, 'user-agent', 'gatehouse'],
  })
  // What comes after the head need not be known.
  body.on('error', () => undefined).destroy()
  return statusCode
}

function remedyFor(key: string): string {
  switch (key) {
    case 'GATEWAY_BACKEND_UNREACHABLE':
      return 'Check the name in the address.'
    case 'GATEWAY_BACKEND_NOT_TLS':
      return 'Write http:// in the address, or have the backend serve TLS.'
    case 'GATEWAY_PROXY_FAILED':
      return 'Check the proxy, and whether it lets this address pass.'
    case 'GATEWAY_READ_TIMEOUT':
      return 'Look into the log of the backend, or give it more time.'
    default:
      return 'Check the address, and that the backend runs.'
  }
}
