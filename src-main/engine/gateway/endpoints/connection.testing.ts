import type { AddressInfo, Server, Socket } from 'node:net'
import type { Http2Server } from 'node:http2'
import { afterEach, beforeAll, beforeEach } from 'vitest'
import type { Configuration } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { testCredentials, type TestCredentials } from '../../../certificates/testing'
import { api, startBackend, startGateway, type TestGateway } from '../testing'

/** A gateway with one API, whose one endpoint is connected to as each test says. */
export interface ConnectionTest {
  readonly gateway: TestGateway
  /** For a server of 127.0.0.1, and the authority that issued its certificate. */
  readonly credentials: TestCredentials
  /** Run after the test. */
  readonly closers: (() => Promise<unknown> | void)[]
  deploy(target: string, settings: Configuration): void
  call(path?: string, init?: RequestInit): Promise<Response>
  /** What is wrong with the settings. */
  refusals(settings: Configuration, target?: string): readonly FieldError[]
  /** The fields of that, from the settings on. */
  fields(settings: Configuration, target?: string): string[]
  /** Listens until the test is over. @returns the port */
  listening(server: Server | Http2Server): Promise<number>
  /** @returns the address */
  backend(listener: Parameters<typeof startBackend>[0], tls?: TestCredentials): Promise<string>
}

/** An API whose one endpoint is connected to in this way. */
function apiTo(target: string, sharedConfigurationOverride: Configuration) {
  return api({
    endpointGroups: [
      {
        name: 'default-group',
        type: 'http-proxy',
        endpoints: [{ name: 'default', type: 'http-proxy', configuration: { target }, sharedConfigurationOverride }],
      },
    ],
  })
}

/** Begins with a gateway of its own before each test of the file, and ends it after. */
export function connectionTest(): ConnectionTest {
  let credentials: TestCredentials
  let gateway: TestGateway
  const closers: (() => Promise<unknown> | void)[] = []
  beforeAll(async () => {
    credentials = await testCredentials()
  })
  beforeEach(async () => {
    gateway = await startGateway()
  })
  afterEach(async () => {
    await gateway.close()
    for (const close of closers.splice(0)) await close()
  })
  const refusals = (settings: Configuration, target = 'https://127.0.0.1:1') =>
    gateway.gateway.check([apiTo(target, settings)]).flatMap(({ errors }) => errors)
  return {
    get gateway() {
      return gateway
    },
    get credentials() {
      return credentials
    },
    closers,
    deploy: (target, settings) => void gateway.deploy(apiTo(target, settings)),
    call: (path = '/echo', init = {}) => fetch(gateway.address + path, init),
    refusals,
    fields: (settings, target) =>
      refusals(settings, target).map(({ field }) =>
        field.replace('/endpointGroups/0/endpoints/0/sharedConfigurationOverride', ''),
      ),
    async listening(server) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const sockets = new Set<Socket>()
      server.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      closers.push(() => {
        for (const socket of sockets) socket.destroy()
        return new Promise<void>((resolve) => server.close(() => resolve()))
      })
      return (server.address() as AddressInfo).port // listening on TCP
    },
    async backend(listener, tls) {
      const { address, close } = await startBackend(listener, tls)
      closers.push(close)
      return address
    },
  }
}
