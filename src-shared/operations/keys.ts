import { Type, type Static } from 'typebox'
import { DomainOverview } from '../domain'
import { KeyId, KeyRotation, ModulusBits, OverlapSeconds, SigningAlgorithm, SigningKey } from '../signing-key'
import { id, input, type OperationList } from './parts'

/** How a key is written: a JWK (RFC 7517), or PEM, which is SPKI for the public part and PKCS #8 for the private one. */
export const KeyFormat = Type.Union([Type.Literal('jwk'), Type.Literal('pem')])
export type KeyFormat = Static<typeof KeyFormat>

export const ExportedKey = Type.Object({ kid: Type.String(), format: KeyFormat, text: Type.String() })
export type ExportedKey = Static<typeof ExportedKey>

/** Signing keys of a domain. */
export const keyOperations = {
  'keys.add': {
    summary: 'A new key of an algorithm that has no active one; it signs where its algorithm is asked for',
    input: input({
      domainId: id('domain'),
      algorithm: SigningAlgorithm,
      modulusBits: Type.Optional(ModulusBits),
      makeDefault: Type.Optional(Type.Boolean({ description: 'Whether it signs where no algorithm is asked for' })),
    }),
    output: DomainOverview,
  },
  'keys.makeDefault': {
    summary: 'Have an active key sign where no algorithm is asked for',
    input: input({ domainId: id('domain'), keyId: id('key') }),
    output: DomainOverview,
  },
  'keys.rotate': {
    summary:
      'Put a new key of the same algorithm in the place of an active one, which is retired and verifies for the overlap',
    input: input({ domainId: id('domain'), keyId: id('key'), overlapSeconds: Type.Optional(OverlapSeconds) }),
    output: DomainOverview,
  },
  'keys.retire': {
    summary: 'Have a key sign no more and verify for the overlap only; of a retired key, change when it is over',
    input: input({ domainId: id('domain'), keyId: id('key'), overlapSeconds: Type.Optional(OverlapSeconds) }),
    output: DomainOverview,
  },
  'keys.remove': {
    summary: 'Remove a retired key; tokens it signed are refused from then on',
    input: input({ domainId: id('domain'), keyId: id('key') }),
    output: DomainOverview,
  },
  'keys.setRotation': {
    summary:
      'Rotate the active keys of a domain by schedule, and at once those that are due; without keyRotation no more',
    input: input({ domainId: id('domain'), keyRotation: Type.Optional(KeyRotation) }),
    output: DomainOverview,
  },
  'keys.import': {
    summary: 'Take in a private key: PEM (PKCS #8, PKCS #1, SEC 1), a JWK, or a JWK set of one key',
    input: input({
      domainId: id('domain'),
      key: Type.String({ minLength: 1, maxLength: 65_536, description: 'The text of the key file' }),
      algorithm: Type.Optional(SigningAlgorithm),
      kid: Type.Optional(KeyId),
      status: Type.Optional(SigningKey.properties.status),
      overlapSeconds: Type.Optional(OverlapSeconds),
    }),
    output: DomainOverview,
  },
  'keys.export': {
    summary: 'The public part of a key pair',
    input: input({ domainId: id('domain'), keyId: id('key'), format: KeyFormat }),
    output: ExportedKey,
  },
  'keys.exportPrivate': {
    summary: 'A key with its private part or secret; its kid confirms it',
    input: input({ domainId: id('domain'), keyId: id('key'), format: KeyFormat, confirmKid: Type.String() }),
    output: ExportedKey,
  },
} as const satisfies OperationList
