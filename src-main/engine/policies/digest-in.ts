import { tokenDigest } from '../authorization/tokens/verified-tokens'
import type { Exchange } from '../gateway/exchange'

/** The digest of a token that came with the request, made once for all steps that ask. */
export function digestIn(exchange: Exchange, token: string): string {
  const known = exchange.presented
  if (known?.token === token) return known.digest
  const digest = tokenDigest(token)
  exchange.presented = { token, digest }
  return digest
}
