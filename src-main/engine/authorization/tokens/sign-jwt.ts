import type { TokenKey } from '../keys/token-key'

/** What a JWT is signed with: a key of the domain, or something that has no `kid`. */
export type JwtSigner = Pick<TokenKey, 'algorithm' | 'sign'> & { readonly kid?: string }

/**
 * The `typ` of every JWT that is not an access token. Access tokens have none or `at+jwt`, so that neither is ever taken for the other,
 * whatever claims it carries (RFC 8725 §3.11, §3.12).
 */
export const JWT_TYPE = 'JWT'

/** A JWT that is not an access token: an ID token, or a signed userinfo answer. */
export async function signJwt({ kid, algorithm, sign }: JwtSigner, claims: object): Promise<string> {
  const header = { ...(kid === undefined ? {} : { kid }), alg: algorithm, typ: JWT_TYPE }
  const signingInput = `${encode(header)}.${encode(claims)}`
  return `${signingInput}.${await sign(signingInput)}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
