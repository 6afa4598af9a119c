import { Type } from 'typebox'
import { Certificates } from '../certificates'
import { PEM_LIMIT, Empty, input, type OperationList } from './parts'

/** The certificates of HTTPS, and who may vouch for other servers. */
export const certificateOperations = {
  'certificates.get': { summary: 'The certificates of HTTPS; never a key', input: Empty, output: Certificates },
  'certificates.useOwn': {
    summary: 'Serve HTTPS with a certificate of your own; its key is sealed',
    input: input({
      certificate: Type.String({
        minLength: 1,
        maxLength: PEM_LIMIT,
        description: "PEM: the server's certificate first, then those that lead to its authority",
      }),
      key: Type.String({ minLength: 1, maxLength: PEM_LIMIT, description: 'PEM, without a passphrase' }),
    }),
    output: Certificates,
  },
  'certificates.useLocal': {
    summary: 'Serve HTTPS with a certificate of the local authority again; the one of your own is forgotten',
    input: Empty,
    output: Certificates,
  },
  'certificates.newAuthority': {
    summary: 'Make a new certificate authority in place of the one before; clients have to trust the new one',
    input: Empty,
    output: Certificates,
  },
  'certificates.trust': {
    summary: 'Trust further certificate authorities, beside those that Node trusts, wherever another server is called',
    input: input({
      certificate: Type.String({
        minLength: 1,
        maxLength: PEM_LIMIT,
        description: 'PEM: the certificates of one or several authorities',
      }),
    }),
    output: Certificates,
  },
  'certificates.distrust': {
    summary: 'Trust a further certificate authority no longer',
    input: input({ fingerprint: Type.String({ minLength: 1, description: 'SHA-256, as certificates.get tells it' }) }),
    output: Certificates,
  },
} as const satisfies OperationList
