/** What the quick start (Secure your APIs) shows of its exchanges, word for word. */
export const refused = {
  status: 401,
  challenge: 'Bearer realm=gravitee.io - No OAuth authorization header was supplied',
  body: '{"message":"No OAuth authorization header was supplied","http_status_code":401}',
} as const

export const tokenAnswer = {
  contentType: 'application/json;charset=UTF-8',
  cacheControl: 'no-cache, no-store, max-age=0, must-revalidate',
  pragma: 'no-cache',
  tokenType: 'bearer',
  expiresIn: 7199,
  algorithm: 'HS256',
  keyId: 'default-gravitee-AM-key',
} as const

/** Headers that the gateway adds and the echo backend tells of, as they are written. */
export const echoedHeaders = [
  'Host',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Server',
  'X-Gravitee-Transaction-Id',
] as const
