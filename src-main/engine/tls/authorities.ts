import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'

/**
 * Node's authorities and those in the file that NODE_EXTRA_CA_CERTS names, where Node itself does not read it: Electron does
 * not once its fuse for node's options is off, as it is in an installed app. Undefined: Node's own behaviour is right. A file
 * that cannot be read changes nothing, as with Node.
 */
export function extraAuthorities(): SecureContext | undefined {
  const file = process.env.NODE_EXTRA_CA_CERTS
  if (process.versions.electron === undefined || file === undefined || file === '') return undefined
  try {
    return createSecureContext({ ca: [...rootCertificates, readFileSync(file, 'utf8')] })
  } catch {
    return undefined
  }
}
