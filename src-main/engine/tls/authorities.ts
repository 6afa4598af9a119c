import tls, { type SecureContext } from 'node:tls'

/**
 * Who is trusted to vouch for other servers: whom Node trusts, and these authorities beside them. Undefined when there are none, and
 * Node's own behaviour is right.
 *
 * @param further certificates, PEM; one that another authority has issued is trusted by itself all the same
 */
export function trusting(further: readonly string[]): SecureContext | undefined {
  if (further.length === 0) return undefined
  return tls.createSecureContext({ ca: [...knownToNode(), ...further], allowPartialTrustChain: true })
}

/** Those of NODE_EXTRA_CA_CERTS and --use-system-ca included, where Node can tell; that of Electron 33 cannot yet. */
function knownToNode(): readonly string[] {
  const { getCACertificates }: Partial<Pick<typeof tls, 'getCACertificates'>> = tls
  return getCACertificates?.('default') ?? tls.rootCertificates
}
