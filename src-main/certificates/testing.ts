// Before anything of the library, as in issue.ts.
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  PemConverter,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { issueServerCertificate, makeAuthority } from './issue'
import type { Credentials } from './pem'

/** A server's credentials with the certificate of the authority that issued them, for tests. */
export interface TestCredentials extends Credentials {
  readonly authority: string
}

/** Credentials for this machine by an authority of their own. @param at milliseconds since the epoch, now unless another time is the point */
export async function testCredentials(
  names = ['localhost', '127.0.0.1', '::1'],
  at = Date.now(),
): Promise<TestCredentials> {
  const authority = await makeAuthority('test', at)
  return { ...(await issueServerCertificate(authority, names, at)), authority: authority.certificate }
}

/** The credentials of an authority that another authority has issued. */
export async function subordinateAuthority(): Promise<Credentials> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const above = await makeAuthority('above', Date.now())
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=Subordinate',
    issuer: new X509Certificate(above.certificate).subjectName,
    notAfter: new Date(Date.now() + 86_400_000),
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(above.key), algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), PemConverter.PrivateKeyTag)
  return { certificate: certificate.toString('pem'), key }
}

/** A certificate signed by itself, as people make them. @param usage the one extended key usage; none unless given */
export async function selfSigned({
  algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  usage,
}: {
  algorithm?: EcKeyGenParams | RsaHashedKeyGenParams | { name: 'Ed25519' }
  usage?: string
}): Promise<Credentials> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair // none of them is secret
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: usage === undefined ? [] : [new ExtendedKeyUsageExtension([usage])],
  })
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), PemConverter.PrivateKeyTag)
  return { certificate: certificate.toString('pem'), key }
}
