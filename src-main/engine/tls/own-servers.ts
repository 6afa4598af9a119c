import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { EngineStatus, ListenerStatus } from '@shared/engine-status'

/** The engine's two servers as they stand. */
export type Servers = Pick<EngineStatus, 'gateway' | 'authorization'>
type Listening = Extract<ListenerStatus, { state: 'listening' }>

/** One of our own servers. */
export interface OwnServer {
  readonly name: 'gateway' | 'authorization'
  readonly listener: Listening
}

/** The one of our two servers that a host and port lead to; undefined when neither listens there. */
export function ownServerAt(host: string, port: number, servers: Servers): OwnServer | undefined {
  for (const name of ['gateway', 'authorization'] as const) {
    const listener = servers[name]
    if (listener.state === 'listening' && listener.port === port && leadsTo(listener.host, host))
      return { name, listener }
  }
  return undefined
}

/** The same by an address, whichever of http and https it names. */
export function ownServer({ hostname, port, protocol }: URL, servers: Servers): OwnServer | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return ownServerAt(host, port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port), servers)
}

/** Whether an address names the scheme that the server speaks. */
export function speaks({ protocol }: URL, { listener }: OwnServer): boolean {
  return listener.address.startsWith(`${protocol}//`)
}

function leadsTo(listens: string, asked: string): boolean {
  if (asked === listens) return true
  const everywhere = listens === '0.0.0.0' || listens === '::'
  // The name may stand for ::1 too; on IPv4's loopback the port is ours alone.
  if (asked === 'localhost') return everywhere || listens === '127.0.0.1'
  if (!everywhere || isIP(asked) === 0) return false
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === asked))
}
