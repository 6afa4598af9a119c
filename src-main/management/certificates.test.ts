import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetch } from 'undici'
import { describe, expect, it, vi } from 'vitest'
import { when } from '../engine/testing/start-engine'
import { AUTHORITY, LOCAL } from './certificates/credentials'
import { createSample } from './sample'
import * as openid from 'openid-client'
import { BOTH, withHttps } from './certificates/testing'

const { served, call, addresses, clientTrusting, sealed } = withHttps()

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
      file: join(served().folder, 'gatehouse-ca.pem'),
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
      ['gatehouse.json', 'secrets.enc', 'gatehouse-ca.pem'].map((file) =>
        readFile(join(served().folder, file), 'utf8'),
      ),
    )
    for (const text of [JSON.stringify(answers), ...files]) {
      expect(text).not.toContain('PRIVATE KEY')
      for (const id of [AUTHORITY, LOCAL]) expect(text).not.toContain(sealed(id).key.split('\n')[1])
    }
  })

  it('is what real clients discover and get tokens by, and the walk-through goes on', async () => {
    const sample = await createSample(served().now.call)
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
    const sample = await createSample(served().now.call)
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
    await createSample(served().now.call)
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
      served().now.problem('console.send', { request: { method: 'GET', url, headers: [] } })
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
    const listens = when(served().now.engine.engine, ({ gateway }) => 'certificate' in gateway)
    const file = join(served().folder, 'gatehouse.json')
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
