import type { Claims } from './verify'

/** A claim by its name, or by a path with dots where no claim has that very name. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Claims)[name]
  }
  return value
}

/** The client that a token was issued to: by the claim that is named, else azp, aud or client_id, in Gravitee's order. */
export function clientIdOf(claims: Claims, named: string | undefined): string | undefined {
  if (named !== undefined && named !== '') return firstText(claimAt(claims, named))
  return firstText(claims.azp) ?? firstText(claims.aud) ?? firstText(claims.client_id)
}

function firstText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' && first !== '' ? first : undefined
}
