/** oidc-provider issuing JWT access tokens by client_credentials, with its in-memory adapter. Argument: the algorithm. */
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { ready } from './ready.ts'

const algorithm = process.argv[2]!
const jwks = {
  keys: [
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  ],
}
const sign = algorithm === 'HS256' ? { alg: algorithm, key: createSecretKey(randomBytes(32)) } : { alg: algorithm }
const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  // Its own types leave out what is passed through to the JWT format.
  const provider = new Provider(`http://127.0.0.1:${address.port}`, {
    jwks,
    clients: [
      {
        client_id: 'bench',
        client_secret: 'bench-secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ['read'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:bench',
        getResourceServerInfo: () => ({
          scope: 'read',
          audience: 'bench',
          accessTokenTTL: 7200,
          accessTokenFormat: 'jwt',
          jwt: { sign },
        }),
      },
    },
    ttl: { ClientCredentials: 7200 },
  } as ConstructorParameters<typeof Provider>[1])
  server.on('request', provider.callback())
  ready(address)
})
