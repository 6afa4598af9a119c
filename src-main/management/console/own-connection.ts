import { connect, type TLSSocket } from 'node:tls'
import { otherCertificate } from '../../engine/tls/certificate-fault'
import { isServedBy } from '../../engine/tls/connector'
import type { OwnServer } from '../../engine/tls/own-servers'

/**
 * A connection to one of our own servers, on which nothing has been sent. Its certificate is accepted for being the one that
 * the server has, whoever issued it. Rejects with node's error, or the signal's reason.
 */
export function connectToOwn(url: URL, { listener }: OwnServer, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 443 : Number(url.port),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false, // verified below
    })
    const abort = () => socket.destroy(signal.reason as Error) // reasons of ours are errors
    const settle = () => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
    }
    const fail = (error: Error) => {
      settle()
      reject(error)
    }
    signal.addEventListener('abort', abort)
    socket.on('error', fail)
    socket.once('secureConnect', () => {
      settle()
      if (isServedBy(socket, listener.certificate)) return resolve(socket)
      socket.destroy()
      reject(otherCertificate())
    })
  })
}
