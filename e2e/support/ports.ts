import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of somebody else on a port of its own. */
export async function startServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => response.end('somebody else'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

export async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

/** A port where nothing listens: it was just free. */
export async function closedPort(): Promise<number> {
  const { server, port } = await startServer()
  await stopServer(server)
  return port
}
