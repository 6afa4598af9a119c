// The library's dependency injection wants it before anything else of the library is loaded.
import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { Credentials } from './pem'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 86_400_000
/** Clocks of other machines may be behind. */
const BACKDATED_MS = 3_600_000
const AUTHORITY_DAYS = 3650
/** Short, since it is renewed by itself; Apple's systems take no more than 825. */
const SERVER_DAYS = 90

/**
 * NameConstraints (RFC 5280 §4.2.1.10), DER: of DNS names only `localhost` is permitted. Whoever trusts the authority
 * trusts it for no name of the internet, even when its key should be stolen. Addresses stay free: BoringSSL, which
 * Electron has, knows no constraints of addresses and would refuse every certificate for one.
 */
const ONLY_LOCALHOST = Buffer.concat([Buffer.from('300fa00d300b8209', 'hex'), Buffer.from('localhost')])
const ID_NAME_CONSTRAINTS = '2.5.29.30'

/**
 * A certificate authority of its own, with a key that nobody else has. @param of what it is for, as people see it in
 * their system's list of authorities
 */
export async function makeAuthority(of: string, now: number): Promise<Credentials> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  // Two workspaces may have one name; two authorities may not, or clients mistake them for each other.
  const plain = of
    .replaceAll(/[^\p{L}\p{N}_.-]+/gu, ' ')
    .trim()
    .slice(0, 40)
  const commonName = `Gatehouse CA ${plain} ${randomBytes(3).toString('hex')}`
  const name = new Name([{ CN: [commonName] }, { O: ['Gatehouse local certificate authority'] }])
  const certificate = await signAuthority(keys, name, now)
  return { certificate, key: await exportKey(keys.privateKey) }
}

/** The same authority, valid anew: its name and key stay, so that what it has signed goes on to be trusted. */
export async function renewAuthority({ certificate, key }: Credentials, now: number): Promise<Credentials> {
  const before = new X509Certificate(certificate)
  const publicKey = await before.publicKey.export(ALGORITHM, ['verify'])
  const privateKey = await importKey(key)
  return { certificate: await signAuthority({ publicKey, privateKey }, before.subjectName, now), key }
}

/** A certificate for a server at these names and addresses, with a key of its own. */
export async function issueServerCertificate(
  authority: Credentials,
  names: readonly string[],
  now: number,
): Promise<Credentials> {
  const issuer = new X509Certificate(authority.certificate)
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: ['Gatehouse'] }, { O: ['Gatehouse local server'] }],
    issuer: issuer.subjectName,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(Math.min(now + SERVER_DAYS * DAY_MS, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    ],
  })
  return { certificate: pemOf(certificate), key: await exportKey(keys.privateKey) }
}

async function signAuthority(keys: CryptoKeyPair, name: Name, now: number): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      new Extension(ID_NAME_CONSTRAINTS, true, ONLY_LOCALHOST),
    ],
  })
  return pemOf(certificate)
}

/** 16 random bytes, positive and without a zero in front (RFC 5280 §4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

const pemOf = (certificate: X509Certificate) => `${certificate.toString('pem')}\n`

async function exportKey(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), PemConverter.PrivateKeyTag)}\n`
}

function importKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, true, ['sign'])
}
