import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Credentials } from '../../certificates/pem'
import { selfSigned, testCredentials } from '../../certificates/testing'
import { OWN } from './credentials'
import { DAY, CLIENT_AUTHENTICATION, BOTH, withHttps } from './testing'

const { served, call, addresses, shownAt, pairOf } = withHttps()

describe('a certificate of their own', () => {
  it('is served, sealed, kept over a restart, and given up for the local one', async () => {
    await call('workspace.update', { tls: BOTH })
    const { certificate, key, authority } = await testCredentials(['gateway.example', '127.0.0.1'])
    const told = await call('certificates.useOwn', { certificate: `# ours\n${certificate}${authority}`, key })
    expect(told.own).toMatchObject({ names: ['gateway.example', '127.0.0.1'] })
    const workspace = await call('workspace.get', {})
    expect([workspace.tls?.certificate, workspace.caFile]).toEqual(['own', undefined])
    await served().restart()
    for (const address of Object.values(addresses()))
      expect((await shownAt(address)).fingerprint256).toBe(told.own?.fingerprint)
    // The console knows its own server also where nobody vouches for it.
    const { status } = await call('console.send', { request: { method: 'GET', url: addresses().gateway, headers: [] } })
    expect(status).toBe(404)

    await call('certificates.useLocal', {})
    const { local } = await call('certificates.get', {})
    expect((await shownAt(addresses().gateway)).fingerprint256).toBe(local?.fingerprint)
    expect(served().now.store.secrets.has(OWN)).toBe(false)
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
      const problem = await served().now.problem('certificates.useOwn', input)
      expect(problem).toMatchObject({ key: 'INPUT_INVALID', status: 400, errors: [{ field }] })
      expect(problem.errors![0]!.message).toMatch(message)
      expect(problem.errors![0]!.remedy).toMatch(remedy)
      expect(JSON.stringify(problem)).not.toContain(good.key.split('\n')[1])
      expect((await shownAt(addresses().gateway)).fingerprint256).toBe(before.fingerprint256)
    })
  })
})
