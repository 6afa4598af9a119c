import { connect as connectTcp, type Socket } from 'node:net'
import { SocksClient, SocksClientError } from 'socks'
import type { buildConnector } from 'undici'
import { proxyRefused, proxyUnreachable, type SocksServer } from './proxy-tunnel'

/**
 * Connects by way of a SOCKS proxy (RFC 1928, with RFC 1929 for a user name), which looks the name of the server up itself; TLS is
 * then spoken with the server.
 */
export function throughSocks(
  { kind, url, username, password }: SocksServer,
  timeout: number,
  halfOpen: boolean,
  connector: buildConnector.connector,
): buildConnector.connector {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port)
  const userIs = { ...(username === '' ? {} : { userId: username }), ...(password === '' ? {} : { password }) }

  async function open(destination: { host: string; port: number }): Promise<Socket> {
    const target = `${destination.host}:${destination.port}`
    const socket = await connected(host, port, timeout, halfOpen)
    if (socket === undefined) throw proxyUnreachable(`${url.host} cannot be reached`)
    try {
      await SocksClient.createConnection({
        proxy: { host, port, type: kind === 'SOCKS4' ? 4 : 5, ...userIs },
        command: 'connect',
        destination,
        timeout,
        existing_socket: socket,
      })
      return socket
    } catch (error) {
      socket.destroy()
      const why = error instanceof SocksClientError ? error.message : String(error)
      throw proxyRefused(`${url.host} did not open a tunnel to ${target}: ${why}`)
    }
  }

  return (options, callback) => {
    const port = options.port === '' ? (options.protocol === 'https:' ? 443 : 80) : Number(options.port)
    open({ host: options.hostname, port }).then(
      (socket) => {
        if (options.protocol !== 'https:') return callback(null, socket.setNoDelay(true))
        try {
          connector({ ...options, httpSocket: socket as never }, callback) // undici's types narrow what it takes as it is
        } catch (error) {
          callback(error instanceof Error ? error : new Error(String(error)), null)
        }
      },
      (error: Error) => callback(error, null),
    )
  }
}

/** Undefined where nobody answers in time. */
function connected(host: string, port: number, timeout: number, allowHalfOpen: boolean): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, allowHalfOpen })
    const failed = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('error', failed)
    socket.setTimeout(timeout, failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      socket.setTimeout(0)
      socket.off('timeout', failed)
      // Whoever gets it tells of its errors; until then there is nobody.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}
