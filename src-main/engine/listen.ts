import type { ListenerStatus } from '@shared/engine-status'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { freePortAfter } from './listening/free-port'
import { holderOf } from './listening/port-holder'
import type { ListenAddress } from './snapshot'

/** A server's place on the network, which may change while it runs. */
export interface Listener {
  status(): ListenerStatus
  /** Where this machine reaches it, e.g. `http://127.0.0.1:8082`; undefined while it does not listen. */
  address(): string | undefined
  /**
   * Listens there, or tells by its status why not; never rejects. Moves when the address is another one: connections to the
   * old one are finished first. Tries again when it does not listen.
   *
   * @param before the port that a port 0 was before, preferred where it is free
   */
  listenOn(address: ListenAddress, before?: number): Promise<void>
  /** Stops accepting; resolves when the requests in flight have ended, after `timeoutMs` milliseconds without waiting for them. */
  close(timeoutMs: number): Promise<void>
}

/** How long requests on an address that was left may take to end, milliseconds. */
const MOVE_DRAIN_MS = 30_000

/** @param createServer makes a server that answers; one for each address, since a closed one does not listen again. */
export function createListener(createServer: () => Server, onStatus: () => void): Listener {
  let status: ListenerStatus = { state: 'starting', host: '127.0.0.1', port: 0 }
  let wanted: ListenAddress | undefined
  let server: Server | undefined
  const leaving = new Set<Promise<void>>()

  function become(next: ListenerStatus): void {
    status = next
    onStatus()
  }

  return {
    status: () => status,
    address: () => (status.state === 'listening' ? status.address : undefined),

    async listenOn({ host, port }, before) {
      const same = wanted?.host === host && wanted.port === port
      if (same && status.state === 'listening') return
      wanted = { host, port }
      const next = createServer()
      const attempt = () =>
        port !== 0 || before === undefined
          ? bind(next, host, port)
          : bind(next, host, before).catch(() => bind(next, host, 0))
      try {
        await attempt().catch(async (error: unknown) => {
          if (codeOf(error) !== 'EADDRINUSE') throw error
          // We may hold it ourselves: the same port of another host, or the other server, which is moving away just now.
          leave()
          await nextTurn()
          await attempt()
        })
      } catch (error) {
        // Where it listened before is not what is wanted any more: answering there would hide the conflict.
        leave()
        become(await refusedStatus(error, host, port))
        return
      }
      leave()
      server = next
      const bound = (next.address() as AddressInfo).port // listening on TCP: never a pipe name
      become({ state: 'listening', host, port: bound, address: `http://${hostOf(host)}:${bound}` })
    },

    async close(timeoutMs) {
      const last = server
      server = undefined
      await Promise.all([...leaving, ...(last === undefined ? [] : [drain(last, timeoutMs)])])
    },
  }

  function leave(): void {
    if (server === undefined) return
    const left = drain(server, MOVE_DRAIN_MS).finally(() => leaving.delete(left))
    leaving.add(left)
    server = undefined
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.removeAllListeners('error').once('error', reject)
    // Exclusive: on no system may two programs answer on one port by turns.
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function drain(server: Server, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), timeoutMs)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
    // Answers from now on say that the connection ends with them; those that wait for a next request end at once.
    server.prependListener('request', (_request, response) => void (response.shouldKeepAlive = false))
    server.closeIdleConnections()
    // One that was busy just now becomes idle when its answer is out.
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    server.once('close', () => clearInterval(idle))
  })
}

async function refusedStatus(error: unknown, host: string, port: number): Promise<ListenerStatus> {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    const [holder, offeredPort] = await Promise.all([holderOf(port), freePortAfter(host, port)])
    const by = holder === undefined ? 'by another program' : `by ${holder.name} (process ${holder.pid})`
    return { state: 'port-taken', host, port, sentence: `Port ${port} of ${host} is in use ${by}`, offeredPort }
  }
  if (code === 'EACCES') {
    const offeredPort = await freePortAfter(host, Math.max(port, 1024))
    const sentence = `Port ${port} of ${host} is kept for privileged programs. Choose one above 1023, e.g. ${offeredPort}.`
    return { state: 'failed', host, port, sentence }
  }
  const sentence =
    code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
      ? `${host} is not an address of this machine. Choose 127.0.0.1, or an address that it has.`
      : `Port ${port} of ${host} cannot be listened on (${String(code ?? 'unknown reason')}). Choose another port or address.`
  return { state: 'failed', host, port, sentence }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The host as a URL names it. Nobody calls 0.0.0.0: a server on every address of the machine is called on its own, and tokens name it so. */
function hostOf(host: string): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return reached.includes(':') ? `[${reached}]` : reached
}
