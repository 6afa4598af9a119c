import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeAuthority } from '../certificates/issue'
import { selfSigned, testCredentials, type TestCredentials } from '../certificates/testing'
import { startBackend } from '../engine/gateway/testing'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

const DAY = 86_400_000

let worker: Worker
let served: ServedFolder
let credentials: TestCredentials
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  worker = await buildWorker()
  credentials = await testCredentials()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await served.close()
  expect(served.faults).toEqual([])
})

const call: ServedFolder['now']['call'] = (name, input) => served.now.call(name, input)
const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256
const trust = (certificate: string) => call('certificates.trust', { certificate })
const distrust = (pem: string) => call('certificates.distrust', { fingerprint: fingerprint(pem) })

/** A server of somebody else over HTTPS, which knows no token. */
async function otherServer(): Promise<string> {
  const server = await startBackend((_request, response) => void response.end('{"active":false}'), credentials)
  closers.push(server.close)
  return server.address
}

/** A deployed API before that server; answers how it is called now. */
async function apiBefore(target: string): Promise<() => Promise<Response>> {
  const { definition } = await call('apis.create', { name: 'Other', path: '/other', target })
  await call('apis.deploy', { apiId: definition.id })
  return () => fetch(`${served.now.gateway}/other`)
}

const send = (url: string) => ({ request: { method: 'GET', url, headers: [] } })

describe('an authority that is trusted', () => {
  it('vouches for backends, introspection and calls of the console, at once, over a restart, and no longer when it is removed', async () => {
    const address = await otherServer()
    const called = await apiBefore(address)
    const { definition } = await call('apis.create', { name: 'Tested', path: '/tested', target: address })
    const configuration = { serverURL: address, securityDomain: 'demo', clientId: 'a', clientSecret: 'b' }
    const resource = { name: 'AM', type: 'oauth2-am-resource', enabled: true, configuration }
    const tested = () => call('apis.testResource', { apiId: definition.id, resource })
    const isRefused = async () => {
      expect((await called()).status).toBe(502)
      expect(await tested()).toMatchObject({ ok: false, remedies: [{ action: 'open-authorities' }] })
      expect(await served.now.problem('console.send', send(address))).toMatchObject({ key: 'CALL_UNTRUSTED' })
    }
    const isAccepted = async () => {
      expect((await called()).status).toBe(200)
      expect(await tested()).toMatchObject({ ok: true })
      expect(await call('console.send', send(address))).toMatchObject({ status: 200 })
    }

    await isRefused()
    const { trusted } = await trust(`# of the company\n${credentials.authority}`)
    expect(trusted).toMatchObject([{ fingerprint: fingerprint(credentials.authority), pem: credentials.authority }])
    await isAccepted()
    await served.restart()
    await isAccepted()
    expect(await distrust(credentials.authority)).toMatchObject({ trusted: [] })
    await isRefused()
  })

  it('stands in the document, beside what the servers speak, and is dropped from it', async () => {
    const document = async () =>
      JSON.parse(await readFile(join(served.folder, 'gatehouse.json'), 'utf8')) as { tls?: object }
    await call('workspace.update', { tls: { gateway: true } })
    await trust(credentials.authority)
    await call('workspace.update', { tls: { gateway: false } })
    const tls = { gateway: false, authorization: false, certificate: 'local' }
    expect((await document()).tls).toEqual({ ...tls, authorities: [credentials.authority] })
    await distrust(credentials.authority)
    expect((await document()).tls).toEqual(tls)
  })

  it('may be one of several in a text, and is not added twice', async () => {
    const others = [await makeAuthority('one', Date.now()), await makeAuthority('two', Date.now())]
    const { trusted } = await trust([credentials.authority, ...others.map(({ certificate }) => certificate)].join('\n'))
    expect(trusted).toHaveLength(3)
    expect(await served.now.problem('certificates.trust', { certificate: credentials.authority })).toMatchObject({
      errors: [{ field: '/certificate', message: 'This authority is trusted already' }],
    })
  })

  it('vouches for nothing that another has issued', async () => {
    const address = await otherServer()
    const other = await makeAuthority('other', Date.now())
    await trust(other.certificate)
    expect(await served.now.problem('console.send', send(address))).toMatchObject({
      title: expect.stringContaining('issued by an authority that is not trusted') as string,
    })
  })

  it('may be written into the document by hand; what is none there is told, and trusted by nobody', async () => {
    const address = await otherServer()
    const file = join(served.folder, 'gatehouse.json')
    const document = JSON.parse(await readFile(file, 'utf8')) as object
    const expired = (await makeAuthority('old', Date.now() - 4000 * DAY)).certificate
    const authorities = [credentials.authority, 'hello', credentials.certificate, expired]
    const tls = { gateway: false, authorization: false, certificate: 'local', authorities }
    await writeFile(file, JSON.stringify({ ...document, tls }))
    await vi.waitFor(async () => expect(await call('console.send', send(address))).toMatchObject({ status: 200 }))
    const { problems } = await call('workspace.get', {})
    expect(problems.map(({ field, message }) => [field, message])).toEqual([
      ['/tls/authorities/1', 'This holds no certificate in PEM form'],
      ['/tls/authorities/2', expect.stringContaining('is not that of an authority')],
      ['/tls/authorities/3', expect.stringContaining('has expired')],
    ])
    await distrust(credentials.authority)
    expect(await served.now.problem('console.send', send(address))).toMatchObject({ key: 'CALL_UNTRUSTED' })
  })
})

describe('is not taken as an authority', () => {
  it.each<[string, () => Promise<string> | string, RegExp]>([
    ['what is no PEM', () => 'hello', /no certificate in PEM form/],
    ['a private key', () => credentials.key, /holds a private key/],
    ["a server's certificate", () => credentials.certificate, /is not that of an authority/],
    [
      'one that a server has signed itself',
      async () => (await selfSigned({})).certificate,
      /is not that of an authority/,
    ],
    ['one cut short', () => credentials.authority.replace(/.+\n-----END/, '-----END'), /damaged or cut short/],
    [
      'one expired',
      async () => (await makeAuthority('x', Date.now() - 4000 * DAY)).certificate,
      /has expired, on \d{4}/,
    ],
    ['one too early', async () => (await makeAuthority('x', Date.now() + 9 * DAY)).certificate, /is not valid before/],
  ])('%s', async (_what, given, message) => {
    const problem = await served.now.problem('certificates.trust', { certificate: await given() })
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field: '/certificate' }] })
    expect(problem.errors![0]!.message).toMatch(message)
    expect(problem.errors![0]!.remedy).toMatch(/\.$/)
    expect(JSON.stringify(problem)).not.toContain(credentials.key.split('\n')[1])
    expect(await call('certificates.get', {})).toMatchObject({ trusted: [] })
  })

  it('one that is not there to be removed', async () => {
    const problem = await served.now.problem('certificates.distrust', { fingerprint: 'AA:BB' })
    expect(problem).toMatchObject({ key: 'AUTHORITY_NOT_FOUND', status: 404 })
  })
})
