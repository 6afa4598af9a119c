import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { ProblemError } from '@shared/problem'
import { fieldInvalid } from '../problems'

/** A key as it was read from a text. `kid` and `alg` are what a JWK says of itself, as it says it. */
export type ReadKey = { readonly kid?: unknown; readonly alg?: unknown } & (
  { readonly secret: Buffer } | { readonly privateKey: KeyObject }
)

/** What is wrong with the key itself. Never quotes a part of it. */
export function keyInvalid(message: string, remedy: string): ProblemError {
  return fieldInvalid('/key', message, remedy)
}

/** The private key, or `refused`: what Node says of one that it cannot read may quote it. */
export function privateKeyFrom(
  input: { key: JsonWebKey; format: 'jwk' } | { key: string; format: 'pem' },
  refused: ProblemError,
): KeyObject {
  try {
    return createPrivateKey(input)
  } catch {
    throw refused
  }
}
