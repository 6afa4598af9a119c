import type { ApiDefinition } from '@shared/api-definition'
import type { RequestRecord } from '@shared/traffic'
import type { RequestListener, Server, ServerOptions } from 'node:http'
import { connect, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startEcho } from '../echo/echo'
import { createServer } from '../listening/server'
import { policies as catalogue } from '../policies/catalogue'
import type { PolicyDefinition } from '../policies/policy'
import type { LocalAuthorization, LocalIntrospection } from '../resources/resource'
import type { ApiSnapshot, ServerCertificate } from '../snapshot'
import { createConnectors } from '../tls/connector'
import { createCounters } from './counters'
import { createGateway, type Gateway, type GatewayOptions } from './gateway'
import { GATEWAY_SERVER_OPTIONS } from './server-options'

export const TRACE_KEY = 'trace-key-of-the-tests'
export const AUTHORIZATION_URL = 'http://authorization.test:8092'

export interface TestGateway {
  readonly address: string
  readonly port: number
  readonly gateway: Gateway
  readonly records: RequestRecord[]
  deploy(...apis: ApiSnapshot[]): void
  /** The record of the request with this transaction id, once it has ended. */
  recordOf(response: Response): Promise<RequestRecord>
  close(): Promise<void>
}

/** A gateway on a real port with the echo backend; tokens are judged by `introspect`. */
export async function startGateway(
  introspect: (token: string) => LocalIntrospection = () => ({
    status: 200,
    active: false,
    reason: 'unknown',
    evidence: [],
  }),
  policies: readonly PolicyDefinition[] = catalogue,
  tls?: ServerCertificate,
  options: Partial<GatewayOptions> = {},
  serverOptions: ServerOptions = {},
): Promise<TestGateway> {
  const echo = await startEcho()
  const records: RequestRecord[] = []
  const waiting = new Set<() => void>()
  const local: LocalAuthorization = {
    serves: (url) => url.origin === AUTHORIZATION_URL,
    introspect: (_path, _client, token) => introspect(token),
    keyOf: () => undefined,
  }
  const nowhere = { state: 'starting', host: '127.0.0.1', port: 0 } as const
  const gateway = createGateway({
    local,
    connectors: createConnectors(
      () => ({ gateway: nowhere, authorization: nowhere }),
      () => undefined,
    ),
    traceKey: TRACE_KEY,
    counters: { passing: createCounters(), lasting: createCounters() },
    policies,
    echoAddress: echo.address,
    onRecord: (record) => {
      records.push(record)
      waiting.forEach((look) => look())
    },
    ...options,
  })
  const server = createServer({ ...GATEWAY_SERVER_OPTIONS, ...serverOptions }, gateway.requestListener, tls)
  gateway.attach(server)
  const port = await listen(server)
  return {
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    gateway,
    records,
    deploy(...apis) {
      const compiled = gateway.compile(apis)
      if (Array.isArray(compiled)) throw new Error(JSON.stringify(compiled))
      gateway.swap(compiled)
    },
    recordOf: (response) =>
      new Promise((resolve) => {
        const id = response.headers.get('x-gravitee-transaction-id')
        const look = () => {
          const record = records.find((each) => each.id === id)
          if (record === undefined) return
          waiting.delete(look)
          resolve(record)
        }
        waiting.add(look)
        look()
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await gateway.close()
      await echo.close()
    },
  }
}

/** A backend on a real port. */
export async function startBackend(
  listener: RequestListener,
  tls?: ServerCertificate,
): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer({}, listener, tls)
  const port = await listen(server)
  return {
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A bare server of TCP on a real port, for bytes that no library sends. Its connections end with it. */
export async function listenTo(server: TcpServer): Promise<{ port: number; close(): Promise<void> }> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // listening on TCP
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // listening on TCP
}

let revisions = 0

/** A deployed API on `/echo`, in front of the echo backend unless `target` says otherwise. */
export function api(
  changes: Partial<ApiDefinition> & { path?: string; target?: string; readTimeout?: number } = {},
): ApiSnapshot {
  const { path = '/echo', target = 'gatehouse:echo', readTimeout = 60_000, ...rest } = changes
  const id = rest.id ?? `api${path}`
  return {
    id,
    revision: ++revisions,
    secretsVersion: '1',
    definition: {
      id,
      name: rest.name ?? 'Echo',
      gravitee: '4.0.0',
      type: 'proxy',
      listeners: [{ type: 'http', paths: [{ path }], entrypoints: [{ type: 'http-proxy' }] }],
      endpointGroups: [
        {
          name: 'default-group',
          type: 'http-proxy',
          endpoints: [
            {
              name: 'default',
              type: 'http-proxy',
              configuration: { target },
              sharedConfigurationOverride: { http: { connectTimeout: 2000, readTimeout } },
            },
          ],
        },
      ],
      flows: [],
      plans: [],
      resources: [],
      ...rest,
    },
  }
}

/** An API with one step in the request phase of a flow for all paths. */
export function apiWith(
  policy: string,
  configuration: Record<string, unknown>,
  changes: Parameters<typeof api>[0] & { flowPath?: string } = {},
): ApiSnapshot {
  const { flowPath = '/', ...rest } = changes
  return api({
    flows: [
      {
        name: 'All',
        enabled: true,
        selectors: [{ type: 'http', path: flowPath, pathOperator: 'START_WITH' }],
        request: [{ enabled: true, policy, configuration }],
        response: [],
      },
    ],
    ...rest,
  })
}

/** An API secured by the OAuth2 policy with these settings. */
export function securedApi(
  configuration: object = {},
  changes: Parameters<typeof api>[0] & { serverURL?: string; resource?: object } = {},
): ApiSnapshot {
  const { serverURL = AUTHORIZATION_URL, resource = {}, ...rest } = changes
  return api({
    flows: [
      {
        name: 'All',
        enabled: true,
        selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
        request: [{ enabled: true, policy: 'oauth2', configuration: { oauthResource: 'AM', ...configuration } }],
        response: [],
      },
    ],
    resources: [
      {
        name: 'AM',
        type: 'oauth2-am-resource',
        enabled: true,
        configuration: { serverURL, securityDomain: 'demo', clientId: 'client', clientSecret: 'secret', ...resource },
      },
      { name: 'memory', type: 'cache', enabled: true, configuration: {} },
    ],
    ...rest,
  })
}

/**
 * Writes bytes to a port and gives all that comes back until the other side ends, or `until` says that it is enough.
 *
 * @param ca to speak TLS, trusting this authority
 */
export function rawExchange(
  port: number,
  text: string,
  until: (answer: string) => boolean = () => false,
  ca?: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const write = () => void socket.write(text, 'latin1')
    const socket =
      ca === undefined ? connect(port, '127.0.0.1', write) : connectTls({ port, host: '127.0.0.1', ca }, write)
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (until(answer)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
