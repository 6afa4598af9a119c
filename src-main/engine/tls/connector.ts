import { createSecureContext, TLSSocket, type SecureContext, type SecureContextOptions } from 'node:tls'
import { buildConnector } from 'undici'
import { presenting } from './authorities'
import { otherCertificate } from './certificate-fault'
import { ownServerAt, type Servers } from './own-servers'
import { through, type ProxyServer } from './proxy-tunnel'
import { throughSocks } from './socks-tunnel'

/** What a connection to a server has of its own, beside the time that it may take. */
export interface Connecting {
  /** Certificates of those who are trusted in place of the usual authorities, PEM. */
  readonly authorities?: readonly string[] | undefined
  /** What is shown to a server that asks who we are. */
  readonly client?: SecureContextOptions | undefined
  /** Accepts whatever certificate is shown. */
  readonly trustsAll?: boolean
  /** Accepts a certificate that is for another name. */
  readonly anyName?: boolean
  /** Offers HTTP/2; without TLS, HTTP/2 is what is spoken. */
  readonly http2?: boolean
  /** By way of this proxy, through a tunnel. */
  readonly proxy?: ProxyServer | undefined
  /** The other side may end its half of the connection while ours goes on. */
  readonly halfOpen?: boolean
}

/** undici's way to connect to any server, with so many milliseconds to do it. */
export type Connectors = (timeoutMs: number, how?: Connecting) => buildConnector.connector

/**
 * Connections of the engine to other servers. Their certificates are verified by Node's authorities; those of our own servers
 * by being exactly the one that is served, whoever issued it, so that nobody has to trust our authority for that.
 *
 * @param servers where our own servers are now
 * @param authorities who is trusted now in place of Node's authorities; undefined: those
 * @param further the certificates that `authorities` has beside Node's, PEM
 */
export function createConnectors(
  servers: () => Servers,
  authorities: () => SecureContext | undefined,
  further: () => readonly string[] = () => [],
): Connectors {
  return (timeout, how = {}) => {
    const { trustsAll, anyName, http2, proxy, halfOpen } = how
    const common = {
      timeout,
      ...(http2 === true ? { allowH2: true, useH2c: true } : {}),
      ...(halfOpen === true ? { allowHalfOpen: true } : {}),
    }
    const contextOf = contexts(how, authorities, further)
    const usual = byAuthorities(contextOf, (secureContext) =>
      buildConnector({
        ...common,
        ...(secureContext === undefined ? {} : { secureContext }),
        ...(trustsAll === true ? { rejectUnauthorized: false } : {}),
        ...(anyName === true ? { checkServerIdentity: () => undefined } : {}),
      }),
    )
    if (proxy?.kind === 'HTTP') return through(proxy, timeout, usual)
    if (proxy !== undefined) return throughSocks(proxy, timeout, halfOpen === true, usual)
    if (trustsAll === true) return usual
    // Verified below. A session that is taken up again would come without its certificate.
    const own = byAuthorities(contextOf, (secureContext) =>
      buildConnector({
        ...common,
        ...(secureContext === undefined ? {} : { secureContext }),
        rejectUnauthorized: false,
        maxCachedSessions: 0,
      }),
    )
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

/** Who is trusted and what is shown, now; the same value until that changes. */
function contexts(
  { authorities: own, client }: Connecting,
  authorities: () => SecureContext | undefined,
  further: () => readonly string[],
): () => SecureContext | undefined {
  if (own !== undefined) {
    const fixed = createSecureContext({ ...client, ca: [...own], allowPartialTrustChain: true })
    return () => fixed
  }
  if (client === undefined) return authorities
  let basis = authorities()
  let made = presenting(client, further())
  return () => {
    if (authorities() !== basis) {
      basis = authorities()
      made = presenting(client, further())
    }
    return made
  }
}

/** Made anew with the authorities: a session that is taken up again is not verified again. */
function byAuthorities(
  contextOf: () => SecureContext | undefined,
  make: (secureContext: SecureContext | undefined) => buildConnector.connector,
): buildConnector.connector {
  let trusted = contextOf()
  let connector = make(trusted)
  return (options, callback) => {
    const now = contextOf()
    if (now !== trusted) {
      trusted = now
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
