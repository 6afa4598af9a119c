import { resolve } from 'node:path'
import { basic, startGatehouse, type Gatehouse } from './gatehouse.ts'
import { type Bodies, type Effort, type Measured, measure, type Target } from './load.ts'
import { codeBody, createLogins, REDIRECT_URI, type Logins } from './logins.ts'
import { start, type Subject } from './process.ts'

const peer = (name: string) => resolve(import.meta.dirname, 'peers', `${name}.ts`)
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const PEER_CLIENT = basic('bench', 'bench-secret')

export type Algorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA'

/** Requests of a round where each must be prepared: a code is spent by its exchange. */
export interface TokenEffort extends Effort {
  readonly prepared: number
}

/** What of a domain the benchmark reads. */
interface Listed {
  readonly id: string
  readonly keys: readonly { readonly id: string; readonly algorithm: string }[]
}

/** Signs the sample domain's tokens with a key of this algorithm from now on. */
export async function signWith(gatehouse: Gatehouse, algorithm: Algorithm): Promise<void> {
  const [domain] = await gatehouse.run<Listed[]>('domains.list', {})
  const key = domain!.keys.find((each) => each.algorithm === algorithm)
  if (key) await gatehouse.run('keys.makeDefault', { domainId: domain!.id, keyId: key.id })
  else await gatehouse.run('keys.add', { domainId: domain!.id, algorithm, makeDefault: true })
}

/**
 * Tokens by each grant, signed with `algorithm`, by the grant's name; first is Gatehouse. oauth2-mock-server signs with neither HS256 nor, in
 * what it checks, any condition: it answers any code, refresh token and password. oidc-provider has no password grant.
 */
export async function benchTokens(algorithm: Algorithm, effort: TokenEffort): Promise<Record<string, Measured[]>> {
  const gatehouse = await startGatehouse()
  await signWith(gatehouse, algorithm)
  const provider = await start(peer('oidc-provider'), algorithm)
  const mock = algorithm === 'HS256' ? undefined : await start(peer('oauth2-mock-server'), algorithm)
  try {
    const servers = { gatehouse, logins: await createLogins(gatehouse), provider, mock }
    const prepared = { ...effort, requests: effort.prepared }
    const measured = {
      'client credentials': await measure(clientCredentials(servers), effort),
      'authorization code': await measure(codes(servers), prepared),
      'refresh token': await measure(refreshes(servers), prepared),
    }
    if (algorithm !== 'RS256') return measured
    // Once: a password's hash, which is to take long, takes a hundred times as long as any signature. More at a time would wait for each other.
    const few = { ...effort, connections: 2, requests: Math.ceil(effort.prepared / 40) }
    return { ...measured, password: await measure(passwords(servers), few) }
  } finally {
    await Promise.all([gatehouse, provider, mock].map((subject) => subject?.stop()))
  }
}

interface Servers {
  readonly gatehouse: Gatehouse
  readonly logins: Logins
  readonly provider: Subject
  readonly mock: Subject | undefined
}

function clientCredentials({ gatehouse, provider, mock }: Servers): Target[] {
  const body = 'grant_type=client_credentials&scope=read'
  const { clientId, clientSecret } = gatehouse.sample
  return [
    ours(gatehouse, basic(clientId, clientSecret), { body }),
    ofProvider(provider, { body }),
    ...ofMock(mock, { body }),
  ]
}

function codes({ gatehouse, logins, provider, mock }: Servers): Target[] {
  return [
    ours(gatehouse, logins.authorization, { prepare: async (count) => oneEach(await logins.codes(count), codeBody) }),
    ofProvider(provider, { prepare: async (count) => oneEach(await made(provider, 'codes', count), codeBody) }),
    ...ofMock(mock, { body: `${codeBody('any')}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}` }),
  ]
}

function refreshes({ gatehouse, logins, provider, mock }: Servers): Target[] {
  return [
    ours(gatehouse, logins.authorization, {
      prepare: async (count) => rotating(await logins.refreshTokens(inUse(count))),
    }),
    ofProvider(provider, {
      prepare: async (count) => rotating(await made(provider, 'refresh-tokens', inUse(count))),
    }),
    ...ofMock(mock, { body: refreshBody('any') }),
  ]
}

function passwords({ gatehouse, logins, mock }: Servers): Target[] {
  const { username, password } = logins
  const body = new URLSearchParams({ grant_type: 'password', username, password, scope: 'read' }).toString()
  return [ours(gatehouse, logins.authorization, { body }), ...ofMock(mock, { body })]
}

type Sent = { readonly body: string } | { readonly prepare: NonNullable<Target['prepare']> }

function ours(gatehouse: Gatehouse, authorization: string, sent: Sent): Target {
  const url = `${gatehouse.authorization}/${gatehouse.sample.domain}/oauth/token`
  return target('gatehouse', gatehouse, url, authorization, sent)
}

function ofProvider(provider: Subject, sent: Sent): Target {
  return target('oidc-provider', provider, `${provider.ready.address}/token`, PEER_CLIENT, sent)
}

function ofMock(mock: Subject | undefined, sent: Sent): Target[] {
  if (mock === undefined) return []
  return [target('oauth2-mock-server', mock, `${mock.ready.address}/token`, PEER_CLIENT, sent)]
}

function target(name: string, subject: Subject, url: string, authorization: string, sent: Sent): Target {
  const request = { url, method: 'POST' as const, headers: { ...FORM, authorization } }
  return 'body' in sent
    ? { name, subject, request: { ...request, body: sent.body } }
    : { name, subject, request, prepare: sent.prepare }
}

/** What oidc-provider makes for a round: see peers/oidc-provider.ts. */
async function made(provider: Subject, kind: 'codes' | 'refresh-tokens', count: number): Promise<string[]> {
  const response = await fetch(`${provider.ready.address}/bench/${kind}?count=${count}`)
  if (!response.ok) throw new Error(`oidc-provider made no ${kind}: ${await response.text()}`)
  return (await response.json()) as string[]
}

function oneEach(values: string[], body: (value: string) => string): Bodies {
  return { next: () => body(values.pop()!) }
}

/** Refresh tokens in use at once: each answer brings the one that takes the place of the one that was sent. */
function inUse(requests: number): number {
  return Math.min(requests, 200)
}

/** @param tokens more than there are connections */
export function rotating(tokens: string[]): Bodies {
  return {
    next: () => refreshBody(tokens.shift()!),
    answered: (body) => void tokens.push((JSON.parse(body) as { refresh_token: string }).refresh_token),
  }
}

function refreshBody(token: string): string {
  return new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }).toString()
}
