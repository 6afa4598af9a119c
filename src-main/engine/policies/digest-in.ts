import { tokenDigest } from '../authorization/tokens/verified-tokens'
import type { Exchange } from '../gateway/exchange'

/** SHA-256 in base64url of a token or key that came with the request, made once for all who ask. */
export function digestIn(exchange: Exchange, credential: string): string {
  const known = exchange.presented
  if (known?.credential === credential) return known.digest
  const digest = tokenDigest(credential)
  exchange.presented = { credential, digest }
  return digest
}
