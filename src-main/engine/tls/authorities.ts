import tls, { type SecureContext, type SecureContextOptions } from 'node:tls'

/**
 * Who is trusted to vouch for other servers: whom Node trusts, and these authorities beside them. Undefined when there are none, and
 * Node's own behaviour is right.
 *
 * @param further certificates, PEM; one that another authority has issued is trusted by itself all the same
 */
export function trusting(further: readonly string[]): SecureContext | undefined {
  return further.length === 0 ? undefined : presenting({}, further)
}

/** The same with a certificate of our own to show. */
export function presenting(client: SecureContextOptions, further: readonly string[]): SecureContext {
  return tls.createSecureContext({ ...client, ca: [...knownToNode(), ...further], allowPartialTrustChain: true })
}

/** Those of NODE_EXTRA_CA_CERTS and --use-system-ca included, where Node can tell; that of Electron 33 cannot yet. */
function knownToNode(): readonly string[] {
  const { getCACertificates }: Partial<Pick<typeof tls, 'getCACertificates'>> = tls
  return getCACertificates?.('default') ?? tls.rootCertificates
}
