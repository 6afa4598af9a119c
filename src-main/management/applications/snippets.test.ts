import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Application } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import { curlSnippet } from '@shared/snippets/curl'
import { flowsOf, type SnippetFlow } from '@shared/snippets/flows'
import { openidClientSnippet } from '@shared/snippets/openid-client'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestBrowser, passThrough } from '../../engine/authorization/testing-browser'
import { buildWorker } from '../../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')

let worker: Worker
let served: ServedFolder
/** Where a program finds openid-client, as after `npm install openid-client`. */
let folder: string
let domainId: string
beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-snippets-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  ;({ id: domainId } = await served.now.call('domains.create', { name: 'demo' }))
  await served.now.call('domains.saveScope', { domainId, scope: { key: 'read' } })
  await served.now.call('users.create', { domainId, username: 'ada', password: 'correct horse' })
})
afterAll(async () => {
  await served.close()
  await worker.remove()
  await rm(folder, { recursive: true })
  expect(served.faults).toEqual([])
})

/** What a client signs to say who it is (RFC 7523 §3). */
function assertionOf({ clientId }: Application, key: KeyObject | Uint8Array, alg: string): Promise<string> {
  return new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${served.now.authorization}/demo/oidc`)
    .setExpirationTime('1 minute')
    .sign(key)
}

type Settings = Omit<OperationInput<'applications.create'>, 'domainId' | 'name'>
const newApplication = (settings: Settings) =>
  served.now.call('applications.create', {
    ...{ domainId, name: crypto.randomUUID(), scopeSettings: [{ scope: 'read', defaultScope: false }] },
    ...settings,
  })
const subjectOf = (application: Application) => ({
  ...{ authorizationAddress: served.now.authorization, domainPath: 'demo', application },
})

/** The program in a file. @param before what stands in front of it */
async function programOf(application: Application, flow: SnippetFlow, before = ''): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.mjs`)
  await writeFile(file, before + openidClientSnippet(subjectOf(application), flow)!)
  return file
}

/** Runs the program as a person would, and answers what it says. */
async function runProgram(application: Application, flow: SnippetFlow, env: Record<string, string>): Promise<string> {
  const file = await programOf(application, flow)
  return (await run(process.execPath, [file], { env: { ...process.env, ...env } })).stdout
}

async function runCurl(application: Application, flow: SnippetFlow, env: Record<string, string>): Promise<string> {
  const { stdout } = await run('sh', ['-c', curlSnippet(subjectOf(application), flow)!], {
    env: { ...process.env, ...env },
  })
  return stdout
}

describe.each([runProgram, runCurl])('client credentials by %o', (runIt) => {
  it.each([null, 'client_secret_basic', 'client_secret_post'] as const)('with the method %s', async (method) => {
    const { application, clientSecret } = await newApplication({ type: 'service', tokenEndpointAuthMethod: method })
    const said = await runIt(application, 'client_credentials', { CLIENT_SECRET: clientSecret! })
    expect(said).toMatch(/"?access_token"?: ?['"]eyJ/)
    expect(said).toMatch(/"?scope"?: ?['"]read['"]/)
  })

  it('signed with the secret', async () => {
    const { application, clientSecret } = await newApplication({
      ...{ type: 'service', tokenEndpointAuthMethod: 'client_secret_jwt' },
    })
    // A shell has no signature at hand: the line says where one belongs.
    const assertion = { CLIENT_ASSERTION: await assertionOf(application, Buffer.from(clientSecret!), 'HS256') }
    const said = await runIt(application, 'client_credentials', { CLIENT_SECRET: clientSecret!, ...assertion })
    expect(said).toMatch(/"?access_token"?: ?['"]eyJ/)
    // The console signs by itself.
    const got = await served.now.call('console.getToken', { domainId, applicationId: application.id, scopes: [] })
    expect(got.accessToken).toMatch(/^eyJ/)
  })

  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'ES384'],
    ['Ed25519', generateKeyPairSync('ed25519'), 'EdDSA'],
  ])('signed with a key of its own, %s', async (_kind, { publicKey, privateKey }, algorithm) => {
    const text = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { jwks } = await served.now.call('applications.readKeys', { text })
    const { application } = await newApplication({
      ...{ type: 'service', tokenEndpointAuthMethod: 'private_key_jwt', jwks },
    })
    const file = join(folder, `${crypto.randomUUID()}.pem`)
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const CLIENT_ASSERTION = await assertionOf(application, privateKey, algorithm)
    const said = await runIt(application, 'client_credentials', { PRIVATE_KEY_FILE: file, CLIENT_ASSERTION })
    expect(said).toMatch(/"?access_token"?: ?['"]eyJ/)
  })

  it('of an application without scopes', async () => {
    const { application, clientSecret } = await newApplication({ type: 'agent', scopeSettings: [] })
    expect(flowsOf(application)).toEqual(['authorization_code', 'client_credentials'])
    const said = await runIt(application, 'client_credentials', { CLIENT_SECRET: clientSecret! })
    expect(said).toMatch(/"?access_token"?: ?['"]eyJ/)
  })

  it('asks about a token as a resource server', async () => {
    const { application: service } = await newApplication({ type: 'service' })
    const { accessToken } = await served.now.call('console.getToken', {
      ...{ domainId, applicationId: service.id, scopes: [] },
    })
    const { application, clientSecret } = await newApplication({ type: 'resource_server' })
    const [flow] = flowsOf(application)
    const said = await runIt(application, flow!, { CLIENT_SECRET: clientSecret!, TOKEN: accessToken })
    expect(said).toMatch(/"?active"?: ?true/)
    expect(said).toContain(service.clientId)
  })
})

it('trusts the local authority where the server speaks HTTPS by it, in curl and in a program', async () => {
  const { application, clientSecret } = await newApplication({ type: 'service' })
  const { caFile } = await served.now.call('workspace.update', { tls: { authorization: true } })
  try {
    const subject = { ...subjectOf(application), caFile }
    const env = { ...process.env, CLIENT_SECRET: clientSecret! }
    const curl = await run('sh', ['-c', curlSnippet(subject, 'client_credentials')!], { env })
    expect(curl.stdout).toContain('"access_token"')

    const program = openidClientSnippet(subject, 'client_credentials')!
    expect(program).toMatch(/^\/\/ Start it with NODE_EXTRA_CA_CERTS=/)
    const file = join(folder, 'over-https.mjs')
    await writeFile(file, program)
    await expect(run(process.execPath, [file], { env })).rejects.toThrow()
    const trusting = { ...env, NODE_EXTRA_CA_CERTS: caFile }
    expect((await run(process.execPath, [file], { env: trusting })).stdout).toContain('access_token')
  } finally {
    await served.now.call('workspace.update', { tls: { authorization: false } })
  }
})

it.each([runProgram, runCurl])('a password by %o', async (runIt) => {
  const { application, clientSecret } = await newApplication({ type: 'web', grantTypes: ['password'] })
  const user = { USERNAME: 'ada', PASSWORD: 'correct horse' }
  expect(await runIt(application, 'password', { CLIENT_SECRET: clientSecret!, ...user })).toMatch(/access_token/)
})

/** Where a user is led back to who opens the address and logs in. */
async function logIn(address: string): Promise<URL> {
  const { leftTo, text } = await passThrough(createTestBrowser({ address: served.now.authorization }), address)
  if (leftTo === undefined) throw new Error(`The login leads nowhere: ${text}`)
  return leftTo
}

describe('a login by a program for openid-client', () => {
  type ComeBack = (address: URL, program: ChildProcessWithoutNullStreams) => unknown
  const paste: ComeBack = (address, { stdin }) => stdin.write(`${address.href}\n`)
  const open: ComeBack = (address) => fetch(address)

  /** Runs the program, logs in where it says, and answers what it says in the end. */
  async function go(application: Application, env: Record<string, string>, comeBack: ComeBack): Promise<string> {
    const program = spawn(process.execPath, [await programOf(application, 'authorization_code')], {
      env: { ...process.env, ...env },
    })
    let complaint = ''
    program.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    const closed = once(program, 'close')
    let said = ''
    let isBack = false
    for await (const text of program.stdout.setEncoding('utf8')) {
      said += String(text)
      const address = /Open (\S+)\n/.exec(said)?.[1]
      if (address === undefined || isBack) continue
      isBack = true
      await comeBack(await logIn(address), program)
    }
    await closed
    expect(complaint).toBe('')
    return said
  }
  const tokens = /access_token: 'eyJ[\s\S]*id_token: 'eyJ[\s\S]*sub: '/

  it('on a machine of the user’s, on any free port', async () => {
    const { application } = await newApplication({ type: 'native', redirectUris: ['http://127.0.0.1/callback'] })
    expect(await go(application, {}, open)).toMatch(tokens)
  })

  it.each([{}, { requireParRequest: true }, { tokenEndpointAuthMethod: 'client_secret_post' as const }])(
    'of a site, whose address is pasted, with %o',
    async (settings) => {
      const { application, clientSecret } = await newApplication({
        ...{ type: 'web', redirectUris: ['https://shop.example/callback'] },
        ...settings,
      })
      expect(await go(application, { CLIENT_SECRET: clientSecret! }, paste)).toMatch(tokens)
    },
  )

  it('of a native application with a scheme of its own', async () => {
    const { application } = await newApplication({ type: 'native', redirectUris: ['com.example.app:/callback'] })
    expect(await go(application, {}, paste)).toMatch(tokens)
  })

  it('in a page, which leaves for the login and comes back', async () => {
    const redirectUri = 'http://localhost:5173/callback'
    const { application } = await newApplication({ type: 'browser', redirectUris: [redirectUri] })
    const file = await programOf(application, 'authorization_code', page)
    const visit = (href: string, kept = '[]') =>
      run(process.execPath, [file], { env: { ...process.env, HREF: href, KEPT: kept } })
    const left = JSON.parse((await visit(redirectUri)).stdout) as { address: string; kept: unknown }
    const back = await logIn(left.address)
    expect((await visit(back.href, JSON.stringify(left.kept))).stdout).toMatch(tokens)
  })
})

/** What of a page the program needs: where it is, and what it keeps while it is away. */
const page = `
const kept = new Map(JSON.parse(process.env.KEPT))
const define = (name, value) => Object.defineProperty(globalThis, name, { value })
define('sessionStorage', { setItem: (key, value) => kept.set(key, value), getItem: (key) => kept.get(key) })
const assign = (address) => console.log(JSON.stringify({ address: String(address), kept: [...kept] }))
define('location', { href: process.env.HREF, search: new URL(process.env.HREF).search, assign })
`

it.each([false, true])('a login by lines for a terminal, pushed: %s', async (requireParRequest) => {
  const { application, clientSecret } = await newApplication({
    ...{ type: 'web', redirectUris: ['https://shop.example/callback'], requireParRequest },
  })
  const lines = curlSnippet(subjectOf(application), 'authorization_code')!
  const [before, after] = [lines.slice(0, lines.indexOf('# 3')), lines.slice(lines.indexOf('# 3'))]
  const env = { ...process.env, CLIENT_SECRET: clientSecret! }
  const { stdout } = await run('sh', ['-c', `${before}\necho "VERIFIER $VERIFIER"`], { env })
  const address = /^http\S+authorize\S+$/m.exec(stdout)![0]
  // A person puts the answered reference in the place that is left for it.
  const pushed = /"request_uri"\s*:\s*"([^"]+)"/.exec(stdout)?.[1]
  const back = await logIn(address.replace('…', encodeURIComponent(pushed ?? '')))
  const VERIFIER = /VERIFIER (\S+)/.exec(stdout)![1]!
  const got = await run('sh', ['-c', after], { env: { ...env, VERIFIER, CODE: back.searchParams.get('code')! } })
  expect(got.stdout).toMatch(/"access_token"\s*:\s*"eyJ/)
})
