/**
 * oidc-provider issuing JWT access tokens; its adapter is a Map, since its own in-memory one forgets all but the newest thousand.
 * Arguments: the algorithm; `opaque` for access tokens that are no JWTs, the only ones it introspects.
 *
 * `GET /bench/codes?count=` and `/bench/refresh-tokens?count=` make authorization codes and refresh tokens by its own models, as its
 * authorization endpoint would after a login.
 */
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider'
import { ready } from './ready.ts'

const [algorithm = 'RS256', format = 'jwt'] = process.argv.slice(2)
const redirectUri = 'http://127.0.0.1:3000/callback'
const jwks = {
  keys: [
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  ],
}
const sign = algorithm === 'HS256' ? { alg: algorithm, key: createSecretKey(randomBytes(32)) } : { alg: algorithm }

const kept = new Map<string, AdapterPayload>()

class Memory implements Adapter {
  private readonly model: string
  constructor(model: string) {
    this.model = model
  }
  async upsert(id: string, payload: AdapterPayload) {
    kept.set(this.model + id, payload)
  }
  async find(id: string) {
    return kept.get(this.model + id)
  }
  async findByUserCode() {
    return undefined
  }
  async findByUid() {
    return undefined
  }
  async consume(id: string) {
    const payload = kept.get(this.model + id)
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
  }
  async destroy(id: string) {
    kept.delete(this.model + id)
  }
  async revokeByGrantId() {}
}

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  // Its own types leave out what is passed through to the JWT format.
  const provider = new Provider(`http://127.0.0.1:${address.port}`, {
    jwks,
    adapter: Memory,
    clients: [
      {
        client_id: 'bench',
        client_secret: 'bench-secret',
        application_type: 'native', // may have its redirect address on this machine
        grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
        redirect_uris: [redirectUri],
        response_types: ['code'],
      },
    ],
    scopes: ['read'],
    pkce: { required: () => false },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:bench',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'read',
          audience: 'bench',
          accessTokenTTL: 7200,
          accessTokenFormat: format,
          jwt: { sign },
        }),
      },
    },
    ttl: { ClientCredentials: 7200, AuthorizationCode: 600, RefreshToken: 86_400, Grant: 86_400 },
  } as unknown as ConstructorParameters<typeof Provider>[1])
  const answer = provider.callback()

  async function make(kind: 'codes' | 'refresh-tokens', count: number): Promise<string[]> {
    const client = (await provider.Client.find('bench'))!
    const made: string[] = []
    for (let i = 0; i < count; i++) {
      const grant = new provider.Grant({ accountId: 'alice', clientId: 'bench' })
      grant.addResourceScope('urn:bench', 'read')
      const granted = {
        accountId: 'alice',
        client,
        grantId: await grant.save(),
        scope: 'read',
        resource: 'urn:bench',
        gty: 'authorization_code',
      }
      const token =
        kind === 'codes'
          ? new provider.AuthorizationCode({ ...granted, redirectUri })
          : new provider.RefreshToken({ ...granted, rotations: 0 })
      made.push(await token.save())
    }
    return made
  }

  server.on('request', (request, response: ServerResponse) => {
    const [, kind, count] = /^\/bench\/(codes|refresh-tokens)\?count=(\d+)$/.exec(request.url ?? '') ?? []
    if (kind === undefined) return void answer(request, response)
    make(kind as 'codes' | 'refresh-tokens', Number(count)).then(
      (made) => response.end(JSON.stringify(made)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  ready(address)
})
