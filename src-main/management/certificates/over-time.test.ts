import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import { describe, expect, it } from 'vitest'
import { issueServerCertificate, makeAuthority } from '../../certificates/issue'
import { joinCredentials } from '../../certificates/pem'
import { when } from '../../engine/testing/start-engine'
import { AUTHORITY, LOCAL } from './credentials'
import { createSample } from '../sample'
import { DAY, BOTH, withHttps } from './testing'

const { served, clock, agents, call, addresses, clientTrusting, shownAt, sealed } = withHttps()

describe('certificates over time', () => {
  it('stay the same over a restart', async () => {
    await call('workspace.update', { tls: BOTH })
    const before = await call('certificates.get', {})
    await served().restart()
    expect(await call('certificates.get', {})).toEqual(before)
    expect((await shownAt(addresses().gateway)).fingerprint256).toBe(before.local?.fingerprint)
  })

  it('are renewed at a start, by the same authority', async () => {
    await call('workspace.update', { tls: BOTH })
    const authority = sealed(AUTHORITY)
    const old = await issueServerCertificate(authority, ['localhost', '127.0.0.1', '::1'], Date.now() - 61 * DAY)
    await served().now.store.secrets.set({ [LOCAL]: joinCredentials(old) })
    await served().restart()
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
      served().now.engine.engine,
      ({ gateway }) => 'certificate' in gateway && gateway.certificate !== first.fingerprint256,
    )
    clock().advance(61 * DAY)
    await renewed
    expect((await shownAt(addresses().gateway)).fingerprint256).not.toBe(first.fingerprint256)
    await get()
    expect(connections).toBe(1)
    expect(sealed(AUTHORITY)).toEqual(authority)
  })

  it('of an authority in its last year are renewed with its name and key, so that who trusted it goes on to', async () => {
    await call('workspace.update', { tls: BOTH })
    const old = await makeAuthority('Test', Date.now() - 3300 * DAY)
    await served().now.store.secrets.set({ [AUTHORITY]: joinCredentials(old) })
    await served().restart()
    const [before, now] = [old, sealed(AUTHORITY)].map(({ certificate }) => new X509Certificate(certificate))
    expect(now!.subject).toBe(before!.subject)
    expect(now!.publicKey.equals(before!.publicKey)).toBe(true)
    expect(Date.parse(now!.validTo) - Date.now()).toBeGreaterThan(3600 * DAY)
    const agent = new Agent({ connect: { ca: old.certificate } })
    agents.push(agent)
    expect((await fetch(addresses().gateway, { dispatcher: agent })).status).toBe(404)
    expect(await readFile(join(served().folder, 'gatehouse-ca.pem'), 'utf8')).toBe(sealed(AUTHORITY).certificate)
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
    const file = join(served().folder, 'secrets.enc')
    const document = JSON.parse(await readFile(file, 'utf8')) as { values: Record<string, string> }
    for (const id of [AUTHORITY, LOCAL]) document.values[id] = `00000000${document.values[id]!.slice(8)}`
    await writeFile(file, JSON.stringify(document))
  }

  it('keep a server from listening rather than from being encrypted, and a new authority mends it', async () => {
    await createSample(served().now.call)
    await call('workspace.update', { tls: { gateway: true } })
    await served().restart(otherwiseSealed)
    const { engine } = served().now.engine
    const sentence =
      'HTTPS cannot be served: the key of its certificate cannot be opened here. Make a new certificate authority in Settings, or turn HTTPS off.'
    expect(engine.status().gateway).toMatchObject({ state: 'failed', sentence })
    expect(engine.status().authorization.state).toBe('listening')
    const { problems } = await call('workspace.get', {})
    expect(problems.find(({ file }) => file === 'gatehouse.json')).toMatchObject({ field: '/tls' })
    expect(await served().now.problem('workspace.update', { tls: BOTH })).toMatchObject({
      key: 'CERTIFICATE_AUTHORITY_LOCKED',
    })

    await call('certificates.newAuthority', {})
    expect(addresses().gateway).toMatch(/^https:/)
    expect((await call('workspace.get', {})).problems).toEqual([])
  })

  it('are no hindrance to go back to HTTP', async () => {
    await call('workspace.update', { tls: BOTH })
    await served().restart(otherwiseSealed)
    await call('workspace.update', { tls: { gateway: false, authorization: false } })
    expect(Object.values(addresses()).every((address) => address.startsWith('http:'))).toBe(true)
  })
})
