import type { ListenerStatus } from '@shared/engine-status'
import { codeOf } from '@shared/error-code'
import { X509Certificate } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { freePortAfter } from './listening/free-port'
import { holderOf } from './listening/port-holder'
import { endHandshakes, serveWith } from './listening/server'
import type { ListenAddress, ServerCertificate } from './snapshot'

/** A server's place on the network, which may change while it runs. */
export interface Listener {
  status(): ListenerStatus
  /** Where this machine reaches it, e.g. `http://127.0.0.1:8082`; undefined while it does not listen. */
  address(): string | undefined
  /**
   * Listens there, or tells by its status why not; never rejects. Moves when the address is another one, and from HTTP to HTTPS
   * or back: connections to the old one are finished first. Another certificate is taken up without a move: connections stay,
   * and new ones get it. Tries again when it does not listen.
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
export function createListener(
  createServer: (tls: ServerCertificate | undefined) => Server,
  onStatus: () => void,
): Listener {
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

    async listenOn(address, before) {
      const { host, port, tls, refused } = address
      const last = wanted
      const isListening = status.state === 'listening'
      if (refused !== undefined) {
        wanted = undefined
        leave()
        return become({ state: 'failed', host, port, sentence: refused })
      }
      wanted = address
      const isSamePlace = last?.host === host && last.port === port
      // Whether clients are asked for certificates is fixed for the life of a server.
      const isSameScheme =
        (last?.tls === undefined) === (tls === undefined) && last?.tls?.asksClients === tls?.asksClients
      try {
        if (server !== undefined && isListening && isSamePlace && isSameScheme) {
          if (tls === undefined || isSameCertificate(tls, last?.tls)) return
          serveWith(server, tls)
          return become({ ...status, ...certificateOf(tls) })
        }
        const next = createServer(tls)
        // A port that was picked is kept when only the scheme changes: the addresses that people have copied stay.
        const preferred = isListening && isSamePlace ? status.port : before
        const attempt = () =>
          port !== 0 || preferred === undefined
            ? bind(next, host, port)
            : bind(next, host, preferred).catch(() => bind(next, host, 0))
        if (isListening && isSamePlace) {
          leave()
          await nextTurn()
        }
        await attempt().catch(async (error: unknown) => {
          if (codeOf(error) !== 'EADDRINUSE') throw error
          // We may hold it ourselves: the same port of another host, or the other server, which is moving away just now.
          leave()
          await nextTurn()
          await attempt()
        })
        leave()
        server = next
        const bound = (next.address() as AddressInfo).port // listening on TCP: never a pipe name
        const scheme = tls === undefined ? 'http' : 'https'
        become({
          state: 'listening',
          host,
          port: bound,
          address: `${scheme}://${hostOf(host)}:${bound}`,
          ...certificateOf(tls),
        })
      } catch (error) {
        // Where it listened before is not what is wanted any more: answering there would hide the conflict.
        leave()
        become(await refusedStatus(error, host, port))
      }
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
    endHandshakes(server)
    // Answers from now on say that the connection ends with them; those that wait for a next request end at once.
    server.prependListener('request', (_request, response) => void (response.shouldKeepAlive = false))
    server.closeIdleConnections()
    // One that was busy just now becomes idle when its answer is out.
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    server.once('close', () => clearInterval(idle))
  })
}

const isSameCertificate = (one: ServerCertificate, other: ServerCertificate | undefined) =>
  one.certificate === other?.certificate && one.key === other.key

function certificateOf(tls: ServerCertificate | undefined): { certificate?: string } {
  return tls === undefined ? {} : { certificate: new X509Certificate(tls.certificate).fingerprint256 }
}

async function refusedStatus(error: unknown, host: string, port: number): Promise<ListenerStatus> {
  const code = codeOf(error)
  if (typeof code === 'string' && /^ERR_(OSSL|SSL|TLS|CRYPTO|INVALID_ARG)/.test(code)) {
    const sentence = `Its certificate or key cannot be used (${code}). Choose another certificate in Settings.`
    return { state: 'failed', host, port, sentence }
  }
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
      : `Port ${port} of ${host} cannot be listened on (${code ?? 'unknown reason'}). Choose another port or address.`
  return { state: 'failed', host, port, sentence }
}

/** The host as a URL names it. Nobody calls 0.0.0.0: a server on every address of the machine is called on its own, and tokens name it so. */
function hostOf(host: string): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return reached.includes(':') ? `[${reached}]` : reached
}
