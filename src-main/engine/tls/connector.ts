import { TLSSocket, type SecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import { otherCertificate } from './certificate-fault'
import { ownServerAt, type Servers } from './own-servers'

/** undici's way to connect to any server, with so many milliseconds to do it. */
export type Connectors = (timeoutMs: number) => buildConnector.connector

/**
 * Connections of the engine to other servers. Their certificates are verified by Node's authorities; those of our own servers
 * by being exactly the one that is served, whoever issued it, so that nobody has to trust our authority for that.
 *
 * @param servers where our own servers are now
 * @param authorities who is trusted now in place of Node's authorities; undefined: those
 */
export function createConnectors(servers: () => Servers, authorities: () => SecureContext | undefined): Connectors {
  return (timeout) => {
    const usual = byAuthorities(timeout, authorities)
    // Verified below. A session that is taken up again would come without its certificate.
    const own = buildConnector({ timeout, rejectUnauthorized: false, maxCachedSessions: 0 })
    const certificateOf = ({ protocol, hostname, port }: buildConnector.Options) =>
      protocol === 'https:'
        ? ownServerAt(hostname, port === '' ? 443 : Number(port), servers())?.listener.certificate
        : undefined

    return (options, callback) => {
      if (certificateOf(options) === undefined) return usual(options, callback)
      own(options, (...[error, socket]) => {
        if (error !== null) return callback(error, null)
        // Asked again: the certificate may have been renewed while the connection was made.
        if (isServedBy(socket, certificateOf(options))) return callback(null, socket)
        socket.destroy()
        callback(otherCertificate(), null)
      })
    }
  }
}

/** Made anew with the authorities: a session that is taken up again is not verified again. */
function byAuthorities(timeout: number, authorities: () => SecureContext | undefined): buildConnector.connector {
  const make = (secureContext: SecureContext | undefined) =>
    buildConnector({ timeout, ...(secureContext === undefined ? {} : { secureContext }) })
  let trusted = authorities()
  let connector = make(trusted)
  return (options, callback) => {
    if (authorities() !== trusted) {
      trusted = authorities()
      connector = make(trusted)
    }
    connector(options, callback)
  }
}

/** Whether the other side of a connection has shown the certificate with this fingerprint. */
export function isServedBy(socket: unknown, fingerprint: string | undefined): boolean {
  return (
    socket instanceof TLSSocket &&
    fingerprint !== undefined &&
    socket.getPeerX509Certificate()?.fingerprint256 === fingerprint
  )
}
