import { generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPasswordHash } from '@shared/password-hash'
import { DEFAULT_KEY_ID, signingAlgorithms, type AlgorithmTraits, type SigningAlgorithm } from '@shared/signing-key'
import type { RequestRecord } from '@shared/traffic'
import type { ApplicationSnapshot, DomainSnapshot, KeySnapshot, UserSnapshot } from '../snapshot'
import { openLevelState } from '../state'
import { createAuthorization, type Authorization } from './index'

/** Credentials, or an application whose newest secret is taken. */
export type TestClient = { clientId: string; clientSecret: string } | ApplicationSnapshot

/** The authorization server on a real port with a real state folder, for tests. */
export interface TestServer {
  readonly authorization: Authorization
  /** http://127.0.0.1:port */
  readonly address: string
  readonly records: RequestRecord[]
  /** Where the state is, in `state`. */
  readonly folder: string
  apply(...domains: readonly DomainSnapshot[]): Promise<void>
  /** POSTs a form with Basic credentials, or without when there are none. */
  post(
    path: string,
    form: string | Record<string, string>,
    client?: TestClient,
    headers?: Record<string, string>,
  ): Promise<Response>
  /** A token of the domain's application, by client credentials. */
  token(domain: DomainSnapshot, scope?: string): Promise<string>
  /** Ends it and leaves its folder. */
  close(): Promise<void>
  /** Takes the disk away under the running server. */
  closeState(): Promise<void>
  stop(): Promise<void>
  /** Stops and starts on the same state folder. */
  restart(): Promise<TestServer>
}

export const TRACE_HEADER = { 'x-gatehouse-trace': 'trace-key-of-the-test' }

export async function startTestServer(folder?: string): Promise<TestServer> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'gatehouse-authorization-')))
  const state = await openLevelState(join(home, 'state'))
  const records: RequestRecord[] = []
  const server = createServer()
  const authorization = await createAuthorization({
    state,
    address: () => originOf(server),
    publicAddress: () => undefined,
    onRecord: (record) => records.push(record),
    traceKey: TRACE_HEADER['x-gatehouse-trace'],
    tracesAll: () => false,
  })
  server.on('request', authorization.requestListener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = originOf(server)

  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await authorization.close()
    await state.close()
  }
  const { post } = callerOf(origin)

  return {
    authorization,
    address: origin,
    records,
    folder: home,
    async apply(...domains) {
      authorization.swap(await authorization.prepare(domains))
    },
    post,
    async token(domain, scope) {
      const form = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }
      const response = await post(`/${domain.path}/oauth/token`, form, domain.applications[0])
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
      return ((await response.json()) as { access_token: string }).access_token
    },
    close,
    closeState: () => state.close(),
    async stop() {
      await close()
      await rm(home, { recursive: true, force: true })
    },
    async restart() {
      await close()
      return startTestServer(home)
    },
  }
}

/** Asks a server of which only the address is known. */
export function callerOf(address: string): Pick<TestServer, 'address' | 'post'> {
  return {
    address,
    post: (path, form, client, headers = {}) =>
      fetch(`${address}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(client === undefined ? {} : { authorization: basic(client.clientId, secretOf(client)) }),
          ...headers,
        },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
  }
}

function originOf(server: Server): string {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('The server does not listen')
  return `http://127.0.0.1:${bound.port}`
}

function secretOf(client: TestClient): string {
  if ('clientSecret' in client) return client.clientSecret
  const [newest] = client.secrets
  if (newest === undefined) throw new Error(`Application ${client.name} has no secret`)
  return newest.secret
}

/** Basic credentials, form-encoded first as RFC 6749 §2.3.1 wants them. */
export function basic(clientId: string, clientSecret: string): string {
  const encode = (part: string) => new URLSearchParams({ '': part }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}

/** An active key of an algorithm. */
export function newKey(algorithm: SigningAlgorithm, kid = `${algorithm}-key`): KeySnapshot {
  return { kid, algorithm, status: 'active', material: newMaterial(signingAlgorithms[algorithm]) }
}

export function secretKey(kid = DEFAULT_KEY_ID): KeySnapshot {
  return newKey('HS256', kid)
}

export function keyPair(algorithm: Exclude<SigningAlgorithm, `HS${string}`>, kid?: string): KeySnapshot {
  return newKey(algorithm, kid)
}

function newMaterial(traits: AlgorithmTraits): KeySnapshot['material'] {
  if (traits.kty === 'oct') return { secret: randomBytes(traits.bits / 8).toString('base64url') }
  const { privateKey } =
    traits.kty === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : traits.kty === 'EC'
        ? generateKeyPairSync('ec', { namedCurve: traits.crv })
        : generateKeyPairSync('ed25519')
  return { privateJwk: { ...privateKey.export({ format: 'jwk' }) } }
}

/** An application and the secret that its tests authenticate with. */
export type TestApplication = ApplicationSnapshot & { readonly clientSecret: string }

/** A service, unless the changes make it another kind. */
export function application({
  clientSecret = 'a secret: with % and + and ü',
  ...changes
}: Partial<TestApplication> = {}): TestApplication {
  return {
    id: 'application-1',
    name: 'Orders service',
    type: 'service',
    enabled: true,
    clientId: 'orders-service',
    clientSecret,
    secrets: [{ id: 'secret-1', secret: clientSecret }],
    authenticationMethods: ['client_secret_basic', 'client_secret_post'],
    jwks: [],
    grantTypes: ['client_credentials'],
    redirectUris: [],
    postLogoutRedirectUris: [],
    allowedOrigins: [],
    allowedResources: [],
    scopeSettings: [],
    enhanceScopesWithUserPermissions: false,
    demandsPkce: false,
    allowsPlainPkce: false,
    requireParRequest: false,
    skipConsent: false,
    accessTokenValiditySeconds: 7200,
    refreshTokenValiditySeconds: 14_400,
    idTokenValiditySeconds: 14_400,
    rotatesRefreshTokens: true,
    customClaims: [],
    ...changes,
  }
}

/** A user whose password is what `password` was hashed from. */
export function user(changes: Partial<UserSnapshot> = {}): UserSnapshot {
  return {
    id: 'user-1',
    username: 'ada',
    mayLogIn: true,
    passwordHash: passwordHash('correct horse'),
    claims: { preferred_username: 'ada', name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true },
    roles: [],
    groups: [],
    scopes: [],
    ...changes,
  }
}

/** At the least cost that is taken, so that tests are quick. */
export function passwordHash(password: string): string {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, 32, { N: 2 ** 10, r: 8, p: 1 })
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return formatPasswordHash({ logN: 10, r: 8, p: 1, salt: unpadded(salt), hash: unpadded(hash) })
}

export function domain(changes: Partial<DomainSnapshot> = {}): DomainSnapshot {
  return {
    id: 'domain-1',
    name: 'Orders',
    path: 'orders',
    enabled: true,
    scopes: [{ key: 'read' }, { key: 'write' }],
    keys: [secretKey()],
    applications: [application()],
    users: [],
    branding: {},
    sessionSeconds: 28_800,
    maxLoginAttempts: 10,
    accountBlockedSeconds: 300,
    accessTokenFormat: 'am',
    ...changes,
  }
}

/** Scopes of an application: those in `defaults` are granted unasked. */
export function scopeSettings(allowed: readonly string[], defaults: readonly string[] = []) {
  return allowed.map((scope) => ({ scope, defaultScope: defaults.includes(scope) }))
}
