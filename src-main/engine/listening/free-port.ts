import { createServer } from 'node:net'

/** Ports that are looked at in order before any free one is taken. */
const LOOK_AT = 100

/** The next port above `port` that is free on the host now. */
export async function freePortAfter(host: string, port: number): Promise<number> {
  for (let next = port + 1; next <= Math.min(port + LOOK_AT, 65_535); next++) {
    if ((await tryPort(host, next)) !== undefined) return next
  }
  return (await tryPort(host, 0)) ?? 0
}

function tryPort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host, port, exclusive: true }, () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' ? bound?.port : undefined))
    })
  })
}
