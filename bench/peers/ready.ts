import type { AddressInfo } from 'node:net'

/** Tells the runner, in one line on stdout, where this process listens. */
export function ready(address: AddressInfo | string | null): void {
  if (address === null || typeof address === 'string') throw new Error('not listening on a TCP port')
  process.stdout.write(`${JSON.stringify({ address: `http://127.0.0.1:${address.port}` })}\n`)
}
