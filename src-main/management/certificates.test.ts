import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import * as openid from 'openid-client'
import { Agent, fetch, type RequestInit } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { issueServerCertificate, makeAuthority } from '../certificates/issue'
import { joinCredentials, splitCredentials, type Credentials } from '../certificates/pem'
import { selfSigned, testCredentials } from '../certificates/testing'
import { buildWorker, when } from '../engine/testing/start-engine'
import { AUTHORITY, LOCAL, OWN } from './certificates/credentials'
import { createTestClock, type TestClock } from './clock.testing'
import { createSample } from './sample'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

const DAY = 86_400_000
/** Extended key usage (RFC 5280 §4.2.1.12). */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'
const BOTH = { gateway: true, authorization: true }

let worker: Worker
let served: ServedFolder
let clock: TestClock
const agents: Agent[] = []
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  clock = createTestClock()
  served = await serveEmpty(worker, clock)
})
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.destroy()
  await served.close()
  expect(served.faults).toEqual([])
})

const call: ServedFolder['now']['call'] = (name, input) => served.now.call(name, input)

/** Where both servers are now. */
const addresses = () => ({ gateway: served.now.gateway, authorization: served.now.authorization })

/** fetch as a client that trusts what stands in the file, and nothing else. */
async function clientTrusting(caFile: string | undefined) {
  const agent = new Agent({ connect: { ca: await readFile(caFile!, 'utf8') } })
  agents.push(agent)
  return (url: string, init: RequestInit = {}) => fetch(url, { ...init, dispatcher: agent })
}

/** The certificate that a server shows. */
function shownAt(address: string): Promise<X509Certificate> {
  const { port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!)
      socket.destroy()
    }).on('error', reject)
  })
}

const pairOf = ({ certificate, key }: Partial<Credentials>) => ({
  ...(certificate === undefined ? {} : { certificate }),
  ...(key === undefined ? {} : { key }),
})

const sealed = (id: string): Credentials => splitCredentials(served.now.store.secrets.get(id)!)!

describe('HTTPS by the local authority', () => {
  it('is what both servers speak, to whoever trusts the file, and to nobody else', async () => {
    const { authorization: before } = addresses()
    const workspace = await call('workspace.update', { tls: BOTH })
    expect(workspace.tls).toEqual({ ...BOTH, certificate: 'local' })
    expect(addresses().authorization).toBe(before.replace('http:', 'https:'))

    const trusting = await clientTrusting(workspace.caFile)
    for (const address of Object.values(addresses())) {
      for (const host of ['127.0.0.1', 'localhost'])
        expect((await trusting(address.replace('127.0.0.1', host))).status).toBe(404)
      await expect(fetch(address)).rejects.toMatchObject({ cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } })
    }
    const { authority } = await call('certificates.get', {})
    expect(authority).toMatchObject({
      file: join(served.folder, 'gatehouse-ca.pem'),
      pem: await readFile(workspace.caFile!, 'utf8'),
      subject: expect.stringMatching(/^CN=Gatehouse CA Test [0-9a-f]{6}, O=Gatehouse/) as string,
    })
  })

  it('keeps its keys sealed, out of documents, answers and what the secrets file shows', async () => {
    const answers = [
      await call('workspace.update', { tls: BOTH }),
      await call('certificates.get', {}),
      await call('workspace.get', {}),
      await call('engine.status', {}),
    ]
    const files = await Promise.all(
      ['gatehouse.json', 'secrets.enc', 'gatehouse-ca.pem'].map((file) => readFile(join(served.folder, file), 'utf8')),
    )
    for (const text of [JSON.stringify(answers), ...files]) {
      expect(text).not.toContain('PRIVATE KEY')
      for (const id of [AUTHORITY, LOCAL]) expect(text).not.toContain(sealed(id).key.split('\n')[1])
    }
  })

  it('is what real clients discover and get tokens by, and the walk-through goes on', async () => {
    const sample = await createSample(served.now.call)
    const { caFile } = await call('workspace.update', { tls: BOTH })
    const { gateway, authorization } = addresses()
    const trusting = await clientTrusting(caFile)

    const issuer = `${authorization}/${sample.domain}/oidc`
    const config = await openid.discovery(new URL(issuer), sample.clientId, sample.clientSecret, undefined, {
      // Both are the web's fetch; undici's types and the library's differ in nothing that is used.
      [openid.customFetch]: trusting as unknown as openid.CustomFetch,
    })
    const metadata = config.serverMetadata()
    expect(metadata.issuer).toBe(issuer)
    expect(metadata.token_endpoint).toBe(`${authorization}/${sample.domain}/oauth/token`)
    const { access_token: token } = await openid.clientCredentialsGrant(config, {})

    expect((await trusting(`${gateway}${sample.api}`)).status).toBe(401)
    const answered = await trusting(`${gateway}${sample.api}`, { headers: { authorization: `Bearer ${token}` } })
    expect(answered.status).toBe(200)
    expect(await answered.text()).toContain('"X-Forwarded-Proto": "https"')

    // The console needs nobody's trust, and the resource asks in process although its address has changed.
    const { steps } = await call('overview.perform', { step: 'answered' })
    expect(steps.filter(({ done }) => !done).map(({ id }) => id)).toEqual([])
    const records = await call('traffic.list', {})
    expect(records.filter(({ introspections }) => introspections !== undefined)).not.toEqual([])
    expect(records.filter(({ endpoint }) => endpoint === 'introspect')).toEqual([])
  })

  it('is what the gateway and a resource use towards our own servers without being told to trust them', async () => {
    const sample = await createSample(served.now.call)
    await call('workspace.update', { tls: BOTH })
    const { gateway, authorization } = addresses()
    const { definition } = await call('apis.create', {
      name: 'Keys',
      path: '/keys',
      target: `${authorization}/${sample.domain}/oidc/.well-known/openid-configuration`,
    })
    await call('apis.deploy', { apiId: definition.id })
    const { status, body, record } = await call('console.send', {
      request: { method: 'GET', url: `${gateway}/keys`, headers: [] },
    })
    expect([status, JSON.parse(body)]).toMatchObject([200, { issuer: `${authorization}/${sample.domain}/oidc` }])
    expect(record?.trace?.map(({ decision }) => decision)).not.toContain('failed')

    const configuration = {
      serverURL: authorization,
      securityDomain: sample.domain,
      clientId: sample.clientId,
      clientSecret: sample.clientSecret,
    }
    const resource = { name: 'AM', type: 'oauth2-am-resource', enabled: true, configuration }
    expect(await call('apis.testResource', { apiId: definition.id, resource })).toMatchObject({ ok: true })
  })

  it('goes back to HTTP, and what points at the authorization server follows both ways', async () => {
    // Chosen now, where it was picked before: the document says where the server is.
    await call('workspace.update', { authorizationPort: Number(new URL(addresses().authorization).port) })
    const { authorization: http } = addresses()
    await createSample(served.now.call)
    const serverURL = async () => {
      const [api] = await call('apis.list', {})
      return api!.definition.resources[0]!.configuration.serverURL
    }
    expect(await serverURL()).toBe(http)
    await call('workspace.update', { tls: { authorization: true } })
    expect(await serverURL()).toBe(http.replace('http:', 'https:'))
    const [api] = await call('apis.list', {})
    expect(api).toMatchObject({ inSync: true })
    expect((await call('workspace.get', {})).problems).toEqual([])

    const back = await call('workspace.update', { tls: { authorization: false } })
    expect(back.caFile).toBeUndefined()
    expect(addresses().authorization).toBe(http)
    expect(await serverURL()).toBe(http)
    await call('overview.perform', { step: 'answered' })
  })

  it('says which scheme a server speaks when the console is given the other', async () => {
    await call('workspace.update', { tls: { gateway: true } })
    const { gateway, authorization } = addresses()
    const problemAt = (url: string) =>
      served.now.problem('console.send', { request: { method: 'GET', url, headers: [] } })
    expect(await problemAt(gateway.replace('https:', 'http:'))).toMatchObject({
      title: `The gateway speaks HTTPS at ${new URL(gateway).host}`,
      remedy: 'Write https:// in place of http://.',
      errors: [{ field: '/request/url' }],
    })
    expect(await problemAt(authorization.replace('http:', 'https:'))).toMatchObject({
      title: `The authorization server speaks HTTP at ${new URL(authorization).host}`,
      errors: [{ field: '/request/url' }],
    })
  })

  it('is made when the document is turned to it from outside', async () => {
    const listens = when(served.now.engine.engine, ({ gateway }) => 'certificate' in gateway)
    const file = join(served.folder, 'gatehouse.json')
    const document = JSON.parse(await readFile(file, 'utf8')) as object
    await writeFile(file, JSON.stringify({ ...document, tls: { ...BOTH, certificate: 'local' } }))
    await listens
    await vi.waitFor(() => expect(addresses().authorization).toMatch(/^https:/))
    const trusting = await clientTrusting((await call('workspace.get', {})).caFile)
    expect((await trusting(addresses().gateway)).status).toBe(404)
  })

  it.runIf(process.platform === 'linux')('covers the host that the servers move to', async () => {
    await call('workspace.update', { tls: BOTH })
    const { caFile } = await call('workspace.update', { host: '127.0.0.2' })
    const trusting = await clientTrusting(caFile)
    expect(addresses().gateway).toContain('https://127.0.0.2:')
    expect((await trusting(addresses().gateway)).status).toBe(404)
  })
})

describe('certificates over time', () => {
  it('stay the same over a restart', async () => {
    await call('workspace.update', { tls: BOTH })
    const before = await call('certificates.get', {})
    await served.restart()
    expect(await call('certificates.get', {})).toEqual(before)
    expect((await shownAt(addresses().gateway)).fingerprint256).toBe(before.local?.fingerprint)
  })

  it('are renewed at a start, by the same authority', async () => {
    await call('workspace.update', { tls: BOTH })
    const authority = sealed(AUTHORITY)
    const old = await issueServerCertificate(authority, ['localhost', '127.0.0.1', '::1'], Date.now() - 61 * DAY)
    await served.now.store.secrets.set({ [LOCAL]: joinCredentials(old) })
    await served.restart()
    const shown = await shownAt(addresses().authorization)
    expect(shown.fingerprint256).not.toBe(new X509Certificate(old.certificate).fingerprint256)
    expect(shown.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect(sealed(AUTHORITY)).toEqual(authority)
  })

  it('are renewed while both servers run, without losing a connection', async () => {
    await call('workspace.update', { tls: BOTH })
    const authority = sealed(AUTHORITY)
    const first = await shownAt(addresses().gateway)
    const held = new Agent({ connect: { ca: authority.certificate } })
    agents.push(held)
    let connections = 0
    held.on('connect', () => connections++)
    const get = async () => (await fetch(addresses().gateway, { dispatcher: held })).text()
    await get()
    const renewed = when(
      served.now.engine.engine,
      ({ gateway }) => 'certificate' in gateway && gateway.certificate !== first.fingerprint256,
    )
    clock.advance(61 * DAY)
    await renewed
    expect((await shownAt(addresses().gateway)).fingerprint256).not.toBe(first.fingerprint256)
    await get()
    expect(connections).toBe(1)
    expect(sealed(AUTHORITY)).toEqual(authority)
  })

  it('of an authority in its last year are renewed with its name and key, so that who trusted it goes on to', async () => {
    await call('workspace.update', { tls: BOTH })
    const old = await makeAuthority('Test', Date.now() - 3300 * DAY)
    await served.now.store.secrets.set({ [AUTHORITY]: joinCredentials(old) })
    await served.restart()
    const [before, now] = [old, sealed(AUTHORITY)].map(({ certificate }) => new X509Certificate(certificate))
    expect(now!.subject).toBe(before!.subject)
    expect(now!.publicKey.equals(before!.publicKey)).toBe(true)
    expect(Date.parse(now!.validTo) - Date.now()).toBeGreaterThan(3600 * DAY)
    const agent = new Agent({ connect: { ca: old.certificate } })
    agents.push(agent)
    expect((await fetch(addresses().gateway, { dispatcher: agent })).status).toBe(404)
    expect(await readFile(join(served.folder, 'gatehouse-ca.pem'), 'utf8')).toBe(sealed(AUTHORITY).certificate)
  })

  it('of a new authority take the place of the old ones when a person wants it', async () => {
    const { caFile } = await call('workspace.update', { tls: BOTH })
    const before = await call('certificates.get', {})
    const trusting = await clientTrusting(caFile)
    const after = await call('certificates.newAuthority', {})
    expect(after.authority?.fingerprint).not.toBe(before.authority?.fingerprint)
    await expect(trusting(addresses().gateway)).rejects.toThrow()
    expect((await (await clientTrusting(caFile))(addresses().gateway)).status).toBe(404)
  })
})

describe('credentials that cannot be opened', () => {
  const otherwiseSealed = async () => {
    const file = join(served.folder, 'secrets.enc')
    const document = JSON.parse(await readFile(file, 'utf8')) as { values: Record<string, string> }
    for (const id of [AUTHORITY, LOCAL]) document.values[id] = `00000000${document.values[id]!.slice(8)}`
    await writeFile(file, JSON.stringify(document))
  }

  it('keep a server from listening rather than from being encrypted, and a new authority mends it', async () => {
    await createSample(served.now.call)
    await call('workspace.update', { tls: { gateway: true } })
    await served.restart(otherwiseSealed)
    const { engine } = served.now.engine
    const sentence =
      'HTTPS cannot be served: the key of its certificate cannot be opened here. Make a new certificate authority in Settings, or turn HTTPS off.'
    expect(engine.status().gateway).toMatchObject({ state: 'failed', sentence })
    expect(engine.status().authorization.state).toBe('listening')
    const { problems } = await call('workspace.get', {})
    expect(problems.find(({ file }) => file === 'gatehouse.json')).toMatchObject({ field: '/tls' })
    expect(await served.now.problem('workspace.update', { tls: BOTH })).toMatchObject({
      key: 'CERTIFICATE_AUTHORITY_LOCKED',
    })

    await call('certificates.newAuthority', {})
    expect(addresses().gateway).toMatch(/^https:/)
    expect((await call('workspace.get', {})).problems).toEqual([])
  })

  it('are no hindrance to go back to HTTP', async () => {
    await call('workspace.update', { tls: BOTH })
    await served.restart(otherwiseSealed)
    await call('workspace.update', { tls: { gateway: false, authorization: false } })
    expect(Object.values(addresses()).every((address) => address.startsWith('http:'))).toBe(true)
  })
})

describe('a certificate of their own', () => {
  it('is served, sealed, kept over a restart, and given up for the local one', async () => {
    await call('workspace.update', { tls: BOTH })
    const { certificate, key, authority } = await testCredentials(['gateway.example', '127.0.0.1'])
    const told = await call('certificates.useOwn', { certificate: `# ours\n${certificate}${authority}`, key })
    expect(told.own).toMatchObject({ names: ['gateway.example', '127.0.0.1'] })
    const workspace = await call('workspace.get', {})
    expect([workspace.tls?.certificate, workspace.caFile]).toEqual(['own', undefined])
    await served.restart()
    for (const address of Object.values(addresses()))
      expect((await shownAt(address)).fingerprint256).toBe(told.own?.fingerprint)
    // The console knows its own server also where nobody vouches for it.
    const { status } = await call('console.send', { request: { method: 'GET', url: addresses().gateway, headers: [] } })
    expect(status).toBe(404)

    await call('certificates.useLocal', {})
    const { local } = await call('certificates.get', {})
    expect((await shownAt(addresses().gateway)).fingerprint256).toBe(local?.fingerprint)
    expect(served.now.store.secrets.has(OWN)).toBe(false)
  })

  it('that expires soon, or has, is told among the problems', async () => {
    await call('workspace.update', { tls: { gateway: true } })
    const soon = await testCredentials(undefined, Date.now() - 80 * DAY)
    await call('certificates.useOwn', { certificate: soon.certificate, key: soon.key })
    const [problem] = (await call('workspace.get', {})).problems
    expect(problem).toMatchObject({
      file: 'secrets.enc',
      field: '/values/tls~1own',
      message: expect.stringMatching(/^The certificate for HTTPS expires on \d{4}-\d\d-\d\d$/) as string,
      remedy: 'Give a renewed one in Settings.',
    })
  })

  describe('is refused, and what is served stays,', () => {
    let good: Credentials
    beforeAll(async () => {
      good = await testCredentials()
    })
    const RSA_1024 = {
      ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      ...{ modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
    }
    const other = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const pem = (key = other()) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

    it.each<[string, () => Promise<Partial<Credentials>> | Partial<Credentials>, string, RegExp, RegExp]>([
      [
        'when it is no PEM',
        () => ({ certificate: 'hello' }),
        '/certificate',
        /no certificate in PEM form/,
        /BEGIN CERTIFICATE/,
      ],
      [
        'when it is cut short',
        () => ({ certificate: good.certificate.replace(/.+\n-----END/, '-----END') }),
        '/certificate',
        /damaged or cut short/,
        /Copy the whole text again/,
      ],
      [
        'when the key stands in its place',
        () => ({ certificate: good.key }),
        '/certificate',
        /holds a private key/,
        /its own field/,
      ],
      ['when the key is no PEM', () => ({ key: 'hello' }), '/key', /no private key in PEM form/, /BEGIN PRIVATE KEY/],
      [
        'when the key is broken',
        () => ({ key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }),
        '/key',
        /damaged or cut short/,
        /Copy the whole text again/,
      ],
      [
        'when it stands in the place of the key',
        () => ({ key: good.certificate }),
        '/key',
        /a certificate and no private key/,
        /private key here/,
      ],
      [
        'when the key has a passphrase',
        () => ({
          key: other().export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
        }),
        '/key',
        /protected by a passphrase/,
        /openssl pkey/,
      ],
      [
        'when the key is of another certificate',
        () => ({ key: pem() }),
        '/key',
        /not the key of the certificate/,
        /was made for/,
      ],
      [
        "when the server's is not the first",
        async () => ({ certificate: (await testCredentials()).authority + good.certificate }),
        '/certificate',
        /not the first/,
        /first, then the others/,
      ],
      [
        'when it has expired',
        () => testCredentials(undefined, Date.now() - 100 * DAY),
        '/certificate',
        /has expired, on \d{4}-\d\d-\d\d/,
        /renewed/,
      ],
      [
        'when it is not valid yet',
        () => testCredentials(undefined, Date.now() + 10 * DAY),
        '/certificate',
        /not valid before \d{4}-\d\d-\d\d/,
        /clock/,
      ],
      [
        'when it is for no server',
        () => selfSigned({ usage: CLIENT_AUTHENTICATION }),
        '/certificate',
        /not for servers/,
        /server authentication/,
      ],
      [
        'when its key is too short',
        () => selfSigned({ algorithm: RSA_1024 }),
        '/key',
        /RSA key of 1024 bits is too short/,
        /2048 bits/,
      ],
      [
        'when its key is of a kind that clients do not take',
        () => selfSigned({ algorithm: { name: 'Ed25519' } }),
        '/key',
        /type ed25519/,
        /P-256/,
      ],
    ])('%s', async (_when, given, field, message, remedy) => {
      await call('workspace.update', { tls: { gateway: true } })
      const before = await shownAt(addresses().gateway)
      const input = { certificate: good.certificate, key: good.key, ...pairOf(await given()) }
      const problem = await served.now.problem('certificates.useOwn', input)
      expect(problem).toMatchObject({ key: 'INPUT_INVALID', status: 400, errors: [{ field }] })
      expect(problem.errors![0]!.message).toMatch(message)
      expect(problem.errors![0]!.remedy).toMatch(remedy)
      expect(JSON.stringify(problem)).not.toContain(good.key.split('\n')[1])
      expect((await shownAt(addresses().gateway)).fingerprint256).toBe(before.fingerprint256)
    })
  })
})
