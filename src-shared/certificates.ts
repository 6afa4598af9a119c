import { Type, type Static } from 'typebox'

/** What a certificate says, for a person. */
export const CertificateFacts = Type.Object({
  subject: Type.String({ description: 'e.g. CN=Gatehouse CA lab 3fa2c1, O=Gatehouse local certificate authority' }),
  issuer: Type.String(),
  names: Type.Array(Type.String(), { description: 'DNS names and addresses that it is for' }),
  fingerprint: Type.String({ description: 'SHA-256, in hexadecimal with colons' }),
  notBefore: Type.Integer({ description: 'Milliseconds since the epoch' }),
  notAfter: Type.Integer({ description: 'Milliseconds since the epoch' }),
})
export type CertificateFacts = Static<typeof CertificateFacts>

/** The certificates of a workspace's HTTPS. No key is ever told. */
export const Certificates = Type.Object({
  /** Made with the first server that is turned to HTTPS. */
  authority: Type.Optional(
    Type.Object({
      ...CertificateFacts.properties,
      pem: Type.String({ description: 'To be given to clients that are to trust it' }),
      file: Type.String({ description: 'Where the same stands as a file' }),
    }),
  ),
  local: Type.Optional(CertificateFacts),
  own: Type.Optional(CertificateFacts),
  trusted: Type.Array(
    Type.Object({ ...CertificateFacts.properties, pem: Type.String() }, { description: 'A certificate authority' }),
    { description: 'Authorities that may vouch for other servers, beside those that Node trusts' },
  ),
})
export type Certificates = Static<typeof Certificates>
