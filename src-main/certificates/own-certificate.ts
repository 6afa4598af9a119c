import { createPrivateKey, type X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { codeOf } from '@shared/error-code'
import type { FieldError } from '@shared/problem'
import { pemBlocks, type Credentials } from './pem'
import { certificateBlocks, holdsKey, NO_CERTIFICATE, readBlocks } from './read-certificates'

/** Extended key usage of servers (RFC 5280 §4.2.1.12). */
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'
const RSA_BITS = 2048
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1']

/**
 * A certificate and a key that a person brings, checked that a server can be run with them now. Fields are `/certificate`
 * and `/key`; nothing of the key is told.
 *
 * @param certificate PEM, the server's first, then those that lead to its authority
 * @param key PEM, without a passphrase
 */
export function readOwnCredentials(certificate: string, key: string, now: number): Credentials | FieldError[] {
  const chain = readChain(certificate)
  const privateKey = readKey(key)
  const errors = [chain, privateKey].flatMap((read) => ('message' in read ? [read] : []))
  if ('message' in chain || 'message' in privateKey) return errors
  const [server] = chain.certificates
  const wrong =
    misfit(server, chain.certificates, privateKey.key) ??
    outOfTime(server, now) ??
    notForServers(server, privateKey.key)
  if (wrong) return [wrong]

  const credentials = {
    certificate: chain.blocks.join(''),
    // One form for all that came in: PKCS #8.
    key: privateKey.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  try {
    createSecureContext({ cert: credentials.certificate, key: credentials.key })
  } catch (error) {
    const code = codeOf(error) ?? 'unknown reason'
    return [told('/certificate', `No server can be run with this certificate (${code})`, 'Choose another certificate.')]
  }
  return credentials
}

interface Chain {
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]]
  readonly blocks: readonly string[]
}

function readChain(text: string): Chain | FieldError {
  const field = '/certificate'
  if (holdsKey(text))
    return told(field, 'This holds a private key', 'Put the certificate here and the key in its own field.')
  const blocks = certificateBlocks(text)
  if (blocks.length === 0) return { field, ...NO_CERTIFICATE }
  const certificates = readBlocks(blocks)
  return 'message' in certificates ? { field, ...certificates } : { certificates, blocks }
}

function readKey(text: string): { readonly key: KeyObject } | FieldError {
  const field = '/key'
  const found = pemBlocks(text)
  const block = found.find(({ label }) => label.endsWith('PRIVATE KEY'))?.block
  if (block === undefined && found.some(({ label }) => label === 'CERTIFICATE'))
    return told(field, 'This holds a certificate and no private key', 'Put the private key here.')
  if (block === undefined)
    return told(
      field,
      'This holds no private key in PEM form',
      'Give the text that begins with -----BEGIN PRIVATE KEY-----.',
    )
  if (/ENCRYPTED/.test(block))
    return told(
      field,
      'The key is protected by a passphrase',
      'Give it without: openssl pkey -in key.pem -out plain.pem. It is sealed here as all secrets are.',
    )
  try {
    return { key: createPrivateKey(block) }
  } catch {
    return told(field, 'The key cannot be read: its PEM is damaged or cut short', 'Copy the whole text again.')
  }
}

function misfit(
  server: X509Certificate,
  certificates: readonly X509Certificate[],
  key: KeyObject,
): FieldError | undefined {
  if (server.checkPrivateKey(key)) return undefined
  return certificates.some((each) => each.checkPrivateKey(key))
    ? told(
        '/certificate',
        "The server's certificate is not the first",
        'Put the certificate of this key first, then the others.',
      )
    : told('/key', 'This is not the key of the certificate', 'Choose the key that the certificate was made for.')
}

function outOfTime({ validFrom, validTo }: X509Certificate, now: number): FieldError | undefined {
  if (Date.parse(validTo) <= now)
    return told('/certificate', `The certificate has expired, on ${day(validTo)}`, 'Choose one that has been renewed.')
  return Date.parse(validFrom) > now
    ? told(
        '/certificate',
        `The certificate is not valid before ${day(validFrom)}`,
        "Choose another, or check this machine's clock.",
      )
    : undefined
}

function notForServers({ keyUsage }: X509Certificate, key: KeyObject): FieldError | undefined {
  // Despite its name, what node tells here is the extended key usage; it is undefined where there is none.
  const usages = keyUsage as readonly string[] | undefined
  if (usages !== undefined && !usages.includes(SERVER_AUTHENTICATION))
    return told(
      '/certificate',
      'The certificate is not for servers',
      'Choose one whose extended key usage names server authentication.',
    )
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength < RSA_BITS)
    return told(
      '/key',
      `An RSA key of ${modulusLength} bits is too short, and clients refuse it`,
      `Use one of ${RSA_BITS} bits or more.`,
    )
  if (key.asymmetricKeyType === 'rsa' || (key.asymmetricKeyType === 'ec' && CURVES.includes(namedCurve)))
    return undefined
  const kind = key.asymmetricKeyType === 'ec' ? `on the curve ${namedCurve}` : `of the type ${key.asymmetricKeyType}`
  return told(
    '/key',
    `Clients do not take a key ${kind} for HTTPS`,
    'Use RSA, or an elliptic curve: P-256, P-384 or P-521.',
  )
}

const day = (date: string) => new Date(date).toISOString().slice(0, 10)

const told = (field: string, message: string, remedy: string): FieldError => ({ field, message, remedy })
