import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { EngineStatus } from '@shared/engine-status'

/** Which of our two servers an address leads to; undefined for any other. Only they may see the trace key. */
export function ownServer(url: URL, status: EngineStatus): 'gateway' | 'authorization' | undefined {
  if (url.protocol !== 'http:') return undefined
  const port = url.port === '' ? 80 : Number(url.port)
  return (['gateway', 'authorization'] as const).find((name) => {
    const listener = status[name]
    return listener.state === 'listening' && listener.port === port && leadsTo(listener.host, hostOf(url))
  })
}

function leadsTo(listens: string, asked: string): boolean {
  if (asked === listens) return true
  const everywhere = listens === '0.0.0.0' || listens === '::'
  // The name may stand for ::1 too; on IPv4's loopback the port is ours alone.
  if (asked === 'localhost') return everywhere || listens === '127.0.0.1'
  if (!everywhere || isIP(asked) === 0) return false
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === asked))
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
