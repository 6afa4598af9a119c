import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { SslOptions } from '@shared/endpoint-settings'
import type { FieldError } from '@shared/problem'
import type { Connecting } from '../../tls/connector'
import { isJks, readJks } from '../../tls/stores/jks'
import { boundPkcs12, pkcs12Certificates } from '../../tls/stores/pkcs12'
import { StoreFault } from '../../tls/stores/store-fault'
import { pemBlocks } from './pem'

/** Bytes: Java's own store of every public authority is a twentieth of it. */
const LARGEST_FILE = 4 * 1024 * 1024

/** Something wrong with one member of the TLS options. */
interface Fault extends Omit<FieldError, 'field'> {
  /** Pointer within the options. */
  readonly at: string
}

/**
 * The authorities and the client certificate that an endpoint's TLS options name. Files are read now, once a deploy.
 *
 * @param at pointer to the options
 * @param of whose they are, to begin a sentence with
 * @param errors gets what is wrong with them
 */
export function storesOf(
  { trustStore, keyStore }: SslOptions,
  at: string,
  of: string,
  errors: FieldError[],
): Pick<Connecting, 'authorities' | 'client'> {
  const faults: Fault[] = []
  const authorities = trustStore === undefined ? undefined : authoritiesOf(trustStore, faults)
  const client = keyStore === undefined ? undefined : clientOf(keyStore, faults)
  if (client !== undefined) {
    try {
      createSecureContext(client)
    } catch (error) {
      const mismatch = error instanceof Error && 'code' in error && error.code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
      faults.push(
        mismatch
          ? { at: '/keyStore', message: 'the private key is not that of the client certificate', remedy: 'Give the key that belongs to the certificate.' } // prettier-ignore
          : { at: '/keyStore', message: 'the client certificate or its key cannot be used', remedy: 'Check both, and the password of a PKCS #12 file.' }, // prettier-ignore
      )
    }
  }
  for (const { at: member, message, remedy = '' } of faults)
    errors.push({ field: at + member, message: `${of}: ${message}`, remedy })
  return { authorities, client }
}

function authoritiesOf(store: NonNullable<SslOptions['trustStore']>, faults: Fault[]): string[] | undefined {
  const kind = kindOf(store.type)
  if (kind === undefined) return undefined
  if (kind === 'PEM')
    return certificatesOf(store.content, store.path, '/trustStore/content', '/trustStore/path', faults)
  const bytes = bytesOf(store, '/trustStore', faults)
  if (bytes === undefined) return undefined
  return opened('/trustStore', faults, () => {
    const password = store.password ?? ''
    const found = isJks(bytes) ? readJks(bytes, password).trusted : pkcs12Certificates(bytes, password)
    const certificates = found.map((der) => pemOf('CERTIFICATE', der))
    if (certificates.length === 0 || !certificates.every(isCertificate))
      throw new StoreFault('there is no certificate of an authority in it', 'Put one into it: keytool -importcert -file ca.pem -keystore trust.p12.') // prettier-ignore
    return certificates
  })
}

function clientOf(store: NonNullable<SslOptions['keyStore']>, faults: Fault[]): SecureContextOptions | undefined {
  const kind = kindOf(store.type)
  if (kind === undefined) return undefined
  if (kind === 'PEM') {
    const cert = certificatesOf(
      store.certContent,
      store.certPath,
      '/keyStore/certContent',
      '/keyStore/certPath',
      faults,
    )
    const key = keyOf(store.keyContent, store.keyPath, faults)
    return cert === undefined || key === undefined ? undefined : { cert: cert.join(''), key }
  }
  const bytes = bytesOf(store, '/keyStore', faults)
  if (bytes === undefined) return undefined
  return opened('/keyStore', faults, () => {
    if (!isJks(bytes)) {
      boundPkcs12(bytes, store.password ?? '')
      return { pfx: bytes, ...(isGiven(store.password) ? { passphrase: store.password } : {}) }
    }
    const { keys } = readJks(bytes, store.password ?? '')
    const key = isGiven(store.alias) ? keys.find(({ alias }) => alias === store.alias?.toLowerCase()) : keys[0]
    if (key === undefined)
      throw new StoreFault(isGiven(store.alias) ? `there is no key called ${store.alias} in it` : 'there is no key in it', 'Look at what it has: keytool -list -keystore keys.jks.') // prettier-ignore
    const password = isGiven(store.keyPassword) ? store.keyPassword : (store.password ?? '')
    return {
      cert: key.chain.map((der) => pemOf('CERTIFICATE', der)).join(''),
      key: pemOf('PRIVATE KEY', key.unlock(password)),
    }
  })
}

/** What a store has, or undefined after telling why it cannot be opened. */
function opened<T>(at: string, faults: Fault[], open: () => T): T | undefined {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error
    faults.push({ at, message: error.message, remedy: error.remedy })
    return undefined
  }
}

/** The bytes of a store in the configuration, in Base64, or in a file. */
function bytesOf(
  { content, path }: { content?: string; path?: string },
  at: string,
  faults: Fault[],
): Buffer | undefined {
  // prettier-ignore
  return isGiven(content) ? Buffer.from(content, 'base64') : fileAt(path, `${at}/path`, faults)
}

const pemOf = (label: string, der: Buffer) =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END ${label}-----\n` // prettier-ignore

function certificatesOf(
  content: string | undefined,
  path: string | undefined,
  atContent: string,
  atPath: string,
  faults: Fault[],
): string[] | undefined {
  const at = isGiven(content) ? atContent : atPath
  const text = isGiven(content) ? content : fileAt(path, atPath, faults)?.toString('utf8')
  if (text === undefined) return undefined
  const blocks = pemBlocks(text, /^(X509 |TRUSTED )?CERTIFICATE$/)
  if (blocks.length > 0 && blocks.every(isCertificate)) return blocks
  faults.push({
    at,
    message: blocks.length === 0 ? 'there is no certificate in it' : 'a certificate in it cannot be read',
    remedy: 'Give PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
  })
  return undefined
}

function keyOf(content: string | undefined, path: string | undefined, faults: Fault[]): string | undefined {
  const at = isGiven(content) ? '/keyStore/keyContent' : '/keyStore/keyPath'
  const text = isGiven(content) ? content : fileAt(path, '/keyStore/keyPath', faults)?.toString('utf8')
  if (text === undefined) return undefined
  const [key] = pemBlocks(text, /PRIVATE KEY$/)
  if (key !== undefined && !key.includes('ENCRYPTED')) return key
  faults.push({
    at,
    message: key === undefined ? 'there is no private key in it' : 'the private key is locked with a password',
    remedy: 'Give the key as PEM without a password, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----.',
  })
  return undefined
}

function fileAt(path: string | undefined, at: string, faults: Fault[]): Buffer | undefined {
  if (!isGiven(path)) {
    faults.push({ at, message: 'nothing is given', remedy: 'Paste the content, or name a file.' })
    return undefined
  }
  try {
    if (!isAbsolute(path)) {
      faults.push({ at, message: `${path} is not a whole path`, remedy: 'Give the path of the file from the root on.' })
      return undefined
    }
    // A pipe or a device would hold up everything that runs.
    const found = statSync(path)
    if (found.isFile() && found.size <= LARGEST_FILE) return readFileSync(path)
    faults.push(
      found.isFile()
        ? { at, message: `${path} is larger than 4 MiB`, remedy: 'Name a file with the certificates that are needed alone.' } // prettier-ignore
        : { at, message: `${path} is no file`, remedy: 'Name a file, not a folder, a pipe or a device.' },
    )
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = code === 'ENOENT' ? 'there is no file' : code === 'EACCES' ? 'this user may not read' : 'cannot read'
    faults.push({ at, message: `${reason} ${path}`, remedy: 'Check the path, and who may read the file.' })
  }
  return undefined
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).fingerprint256 !== ''
  } catch {
    return false
  }
}

/** NONE is none. */
function kindOf(type: string | undefined): string | undefined {
  return type === 'NONE' ? undefined : type
}

const isGiven = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''
