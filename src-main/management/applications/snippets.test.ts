import { execFile } from 'node:child_process'
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

/** Runs the program as a person would, and answers what it says. */
async function runProgram(application: Application, flow: SnippetFlow, env: Record<string, string>): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.mjs`)
  await writeFile(file, openidClientSnippet(subjectOf(application), flow)!)
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
