import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Echo {
  /** e.g. `http://127.0.0.1:40123` */
  readonly address: string
  close(): Promise<void>
}

/** Starts the built-in backend on loopback: it answers the headers that reached it, as `{"headers": {…}}`. */
export async function startEcho(): Promise<Echo> {
  const server = createServer({ maxHeaderSize: 64 * 1024, requestTimeout: 0, keepAliveTimeout: 120_000 }, echo)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // listening on TCP: never a pipe name
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Answers when the request's body has been read to its end, so that what a client sends is never cut off. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  request.on('end', () => {
    const body = Buffer.from(`${JSON.stringify({ headers: echoedHeaders(request) }, null, 4)}\n`)
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    response.end(body)
  })
}

/** The hop between gateway and echo is nobody's message: `Connection` is left out, as on Gravitee's page. */
function echoedHeaders(request: IncomingMessage): Record<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = canonicalName(request.rawHeaders[i]!)
    if (name === 'Connection') continue
    const value = request.rawHeaders[i + 1]!
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}

/** `x-gravitee-transaction-id` as `X-Gravitee-Transaction-Id`. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}
