import { createPrivateKey } from 'node:crypto'
import { createServer as createHttpsServer } from 'node:https'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { makeAuthority } from '../../../certificates/issue'
import { selfSigned, testCredentials } from '../../../certificates/testing'
import { membersOf, readDer } from '../../tls/stores/der'
import { readJks } from '../../tls/stores/jks'
import * as stores from '../../tls/stores/examples.testing'
import { connectionTest } from './connection.testing'

const test = connectionTest()
const { closers, deploy, call, refusals, fields, listening, backend } = test

/** The key of a JKS store, for the backend. */
function secureContextOf(content: string) {
  const der = readJks(Buffer.from(content, 'base64'), 'changeit').keys[0]!.unlock('changeit')
  return { key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }) }
}

describe('TLS', () => {
  const secure = () => backend((_request, response) => void response.end('answered'), test.credentials)
  const pem = (content: string, more: object = {}) => ({ ssl: { trustStore: { type: 'PEM', content }, ...more } })

  it('trusts the authority that is given, and no other then', async () => {
    const target = await secure()
    deploy(target, pem(test.credentials.authority))
    expect(await (await call()).text()).toBe('answered')
    deploy(target, pem((await makeAuthority('another', Date.now())).certificate))
    const refused = await call()
    expect((await test.gateway.recordOf(refused)).refusal?.key).toBe('GATEWAY_BACKEND_UNTRUSTED')
  })

  it('reads PEM that has lost its line ends', async () => {
    deploy(await secure(), pem(test.credentials.authority.replaceAll('\n', ' ')))
    expect((await call()).status).toBe(200)
  })

  it('trusts everybody where that is asked for, and any name', async () => {
    const target = await secure()
    deploy(target, { ssl: { trustAll: true } })
    expect((await call()).status).toBe(200)

    const elsewhere = await testCredentials(['localhost'])
    const other = await backend((_request, response) => void response.end('answered'), elsewhere)
    deploy(other, pem(elsewhere.authority))
    expect((await call()).status).toBe(502)
    deploy(other, pem(elsewhere.authority, { hostnameVerifier: false }))
    expect((await call()).status).toBe(200)
  })

  it('shows the client certificate, with the usual authorities and with its own', async () => {
    const client = await selfSigned({})
    const server = createHttpsServer(
      { cert: test.credentials.certificate, key: test.credentials.key, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        response.end((request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? 'nobody')
      },
    )
    const target = `https://127.0.0.1:${await listening(server)}`
    deploy(target, pem(test.credentials.authority))
    expect(await (await call()).text()).toBe('nobody')
    const keyStore = { type: 'PEM', certContent: client.certificate, keyContent: client.key }
    deploy(target, pem(test.credentials.authority, { keyStore }))
    const shown = await (await call()).text()
    expect(shown).toMatch(/^([0-9A-F]{2}:){31}/)
    deploy(target, { ssl: { trustAll: true, keyStore } })
    expect(await (await call()).text()).toBe(shown)
  })

  it.each([
    ['PKCS12', stores.trustPkcs12, 'PKCS12', stores.keyPkcs12],
    ['PKCS12', stores.trustTripleDes, 'JKS', stores.keyJks],
    ['JKS', stores.trustJks, 'JKS', stores.keyJks],
    // Java's tools write PKCS #12 under the name JKS.
    ['JKS', stores.trustPkcs12, 'PKCS12', stores.keyJks],
  ])(
    'trusts whom a %s store %.8s… names, and shows the certificate of a %s store',
    async (type, content, keyType, key) => {
      const { key: own } = secureContextOf(stores.keyJks)
      const server = createHttpsServer(
        { cert: stores.certificate, key: own, requestCert: true, rejectUnauthorized: false },
        (request, response) => {
          response.end((request.socket as TLSSocket).getPeerX509Certificate()?.subject ?? 'nobody')
        },
      )
      const trustStore = { type, content, password: 'changeit' }
      const keyStore = { type: keyType, content: key, password: 'changeit' }
      const target = `https://127.0.0.1:${await listening(server)}`
      deploy(target, { ssl: { hostnameVerifier: false, trustStore, keyStore } })
      expect(await (await call()).text()).toBe('CN=Store test')
      deploy(target, { ssl: { hostnameVerifier: false, keyStore } })
      expect((await call()).status).toBe(502)
    },
  )

  it.each<[string, () => Promise<object> | object]>([
    ['/ssl/trustStore', () => ({ trustStore: { type: 'JKS', content: stores.trustJks, password: 'wrong' } })],
    ['/ssl/trustStore', () => ({ trustStore: { type: 'PKCS12', content: stores.trustPkcs12, password: 'wrong' } })],
    ['/ssl/trustStore', () => ({ trustStore: { type: 'PKCS12', content: stores.trustLegacy, password: 'changeit' } })],
    ['/ssl/trustStore', () => ({ trustStore: { type: 'PKCS12', content: 'bm8gc3RvcmU=', password: 'changeit' } })],
    ['/ssl/trustStore', () => ({ trustStore: { type: 'JKS', content: stores.keyJks, password: 'changeit' } })],
    ['/ssl/trustStore/path', () => ({ trustStore: { type: 'PKCS12' } })],
    ['/ssl/trustStore/content', () => ({ trustStore: { type: 'PEM', content: 'no certificate' } })],
    ['/ssl/trustStore/path', () => ({ trustStore: { type: 'PEM', path: '/nowhere/at/all.pem' } })],
    ['/ssl/trustStore/path', () => ({ trustStore: { type: 'PEM', path: 'relative.pem' } })],
    ['/ssl/trustStore/path', () => ({ trustStore: { type: 'PEM' } })],
    ['/ssl/keyStore', () => ({ keyStore: { type: 'JKS', content: stores.keyJks, password: 'wrong' } })],
    ['/ssl/keyStore', () => ({ keyStore: { type: 'JKS', content: stores.keyJks, password: 'changeit', keyPassword: 'wrong' } })], // prettier-ignore
    ['/ssl/keyStore', () => ({ keyStore: { type: 'JKS', content: stores.keyJks, password: 'changeit', alias: 'you' } })], // prettier-ignore
    ['/ssl/keyStore', () => ({ keyStore: { type: 'JKS', content: stores.trustJks, password: 'changeit' } })],
    ['/ssl/keyStore', () => ({ keyStore: { type: 'PKCS12', content: stores.keyPkcs12, password: 'wrong' } })],
    ['/ssl/keyStore/path', () => ({ keyStore: { type: 'JKS', path: '/nowhere/at/all.jks' } })],
    ['/ssl/keyStore/keyContent', () => ({ keyStore: { type: 'PEM', certContent: test.credentials.certificate, keyContent: 'x' } })], // prettier-ignore
    ['/ssl/keyStore', async () => ({ keyStore: { type: 'PEM', certContent: test.credentials.certificate, keyContent: (await selfSigned({})).key } })], // prettier-ignore
  ])('%s is refused at deploy when it cannot be used', async (field, ssl) => {
    expect(fields({ ssl: await ssl() })).toEqual([field])
  })

  const der = (tag: number, ...content: Buffer[]) => {
    const bytes = Buffer.concat(content)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([Buffer.from([tag, 0x84]), length, bytes])
  }
  /** The text of it in hexadecimal: 1.2.840.113549.1.… */
  const id = (rest: string) => der(0x06, Buffer.from(`2a864886f70d01${rest}`, 'hex'))
  const data = (content: Buffer) => der(0x30, id('0701'), der(0xa0, der(0x04, content)))
  /** A PKCS #12 store (RFC 7292 §4) of these safes. */
  const storeOf = (safes: Buffer[], ...end: Buffer[]) =>
    der(0x30, der(0x02, Buffer.from([3])), data(der(0x30, ...safes)), ...end).toString('base64')
  const number = (value: number) => der(0x02, Buffer.from(value.toString(16).padStart(10, '0'), 'hex'))
  /** How something is locked in so many rounds: by a way of PKCS #12, or by PBES2 with this derivation. */
  const algorithmOf = (rounds: number, derivation?: string) => {
    const given = der(0x30, der(0x04, Buffer.alloc(8)), number(rounds))
    if (derivation === undefined) return der(0x30, id('0c0103'), given)
    const cipher = der(0x30, id('0307'), der(0x04, Buffer.alloc(8)))
    return der(0x30, id('050d'), der(0x30, der(0x30, id(derivation), given), cipher))
  }
  /** A safe whose key is derived in so many rounds; its bytes are none. */
  const lockedSafe = (rounds: number) => {
    const encrypted = der(0x30, id('0701'), algorithmOf(rounds), der(0x80, Buffer.alloc(8)))
    return der(0x30, id('0706'), der(0xa0, der(0x30, der(0x02, Buffer.from([0])), encrypted)))
  }
  /** A key that is locked in so many rounds. */
  const lockedKey = (rounds: number, derivation?: string) => {
    const locked = der(0x30, algorithmOf(rounds, derivation), der(0x04, Buffer.alloc(8)))
    return data(der(0x30, der(0x30, id('0c0a0102'), der(0xa0, locked))))
  }
  /** An authenticator whose key is derived in so many rounds; PBMAC1 when it has a length. */
  const authenticator = (rounds: number, keyLength?: number) => {
    const salt = der(0x04, Buffer.alloc(8))
    if (keyLength === undefined) {
      return der(0x30, der(0x30, der(0x30, id('0201')), der(0x04, Buffer.alloc(20))), salt, number(rounds))
    }
    const derivation = der(0x30, id('050c'), der(0x30, salt, number(rounds), number(keyLength)))
    const mac = der(0x30, id('050e'), der(0x30, derivation, der(0x30, id('0209'))))
    return der(0x30, der(0x30, mac, der(0x04, Buffer.alloc(32))), salt, number(1))
  }
  function nestedBags(depth: number): Buffer {
    let content = der(0x30)
    for (let level = 0; level < depth; level++) content = der(0x30, der(0x30, id('0c0a0106'), der(0xa0, content)))
    return content
  }

  it.each([
    ['too many rounds', [lockedSafe(1_000_001)], 'more than 1000000'],
    ['too many rounds together', [lockedSafe(600_000)], 'more than 1000000'],
    ['too many parts', Array.from({ length: 33 }, () => data(der(0x30))), 'more than 32 parts'],
    ['bags too deep in one another', [data(nestedBags(3500))], 'more than 8 deep'],
  ])('a store with %s is refused, and holds nothing up', (_what, safes, message) => {
    expect(refusals({ ssl: { trustStore: { type: 'PKCS12', content: storeOf(safes), password: 'p' } } })).toEqual([
      expect.objectContaining({ message: expect.stringContaining(message) as string }),
    ])
  })

  it.each([
    ['too many rounds for its authenticator', [], authenticator(1_000_001), 'more than 1000000'],
    ['too many rounds for that of PBMAC1', [], authenticator(1_000_001, 32), 'more than 1000000'],
    ['an authenticator with a key that is too long', [], authenticator(1, 65), 'more than 64 bytes'],
    ['too many rounds for a part', [lockedSafe(1_000_001)], authenticator(1), 'more than 1000000'],
    ['too many rounds for its key', [lockedKey(1_000_001)], authenticator(1), 'more than 1000000'],
    ['too many rounds for a key of PBES2', [lockedKey(1_000_001, '050c')], authenticator(1), 'more than 1000000'],
    ['too many rounds together', [lockedKey(600_000), lockedKey(300_000)], authenticator(100_001), 'more than 1000000'],
    ['a key that is derived by scrypt', [lockedKey(1, '040b')], authenticator(1), 'not known here'],
    ['bags too deep in one another', [data(nestedBags(3500))], authenticator(1), 'more than 8 deep'],
  ])('a key store with %s is refused before anybody opens it', (_what, safes, end, message) => {
    const keyStore = { type: 'PKCS12', content: storeOf(safes, end), password: 'p' }
    expect(refusals({ ssl: { keyStore } })).toEqual([
      {
        field: '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/ssl/keyStore',
        message: expect.stringContaining(message) as string,
        remedy: expect.stringContaining('Write it anew') as string,
      },
    ])
  })

  it('a key store whose lengths are told at the end, as Mozilla writes them, is opened', () => {
    const withEnds = (bytes: Buffer): Buffer => {
      const values: Buffer[] = []
      for (let rest = bytes; rest.length > 0; rest = rest.subarray(readDer(rest).whole.length)) {
        const { tag, content, whole } = readDer(rest)
        if (tag === 0x04) {
          const half = content.length >> 1
          const pieces = [der(0x04, content.subarray(0, half)), der(0x04, content.subarray(half))]
          values.push(Buffer.from([0x24, 0x80]), ...pieces, Buffer.alloc(2))
        } else if ((tag & 0x20) === 0) values.push(whole)
        else values.push(Buffer.from([tag, 0x80]), withEnds(content), Buffer.alloc(2))
      }
      return Buffer.concat(values)
    }
    const [version, safe, mac] = membersOf(readDer(Buffer.from(stores.keyPkcs12, 'base64')))
    const content = Buffer.concat([
      Buffer.from([0x30, 0x80]),
      ...[version!.whole, withEnds(safe!.whole), mac!.whole, Buffer.alloc(2)],
    ]).toString('base64')
    expect(refusals({ ssl: { keyStore: { type: 'PKCS12', content, password: 'changeit' } } })).toEqual([])
  })

  it('a JKS store that ends before its digest is refused', () => {
    for (const content of ['/u3+7Q==', '/u3+7QAAAAIAAAAAAA=='])
      for (const store of ['trustStore', 'keyStore'])
        expect(refusals({ ssl: { [store]: { type: 'JKS', content, password: 'p' } } })).toEqual([
          expect.objectContaining({ message: expect.stringContaining('the store ends early') as string }),
        ])
  })

  it('what is no file, or is too large, is not read', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'gatehouse-')), 'large.pem')
    closers.push(() => rm(dirname(path), { recursive: true }))
    await writeFile(path, '')
    await truncate(path, 5 * 1024 * 1024)
    const told = (trustStore: object) => refusals({ ssl: { trustStore } }).map(({ message }) => message)
    expect(told({ type: 'PEM', path: '/dev/null' })).toEqual([expect.stringContaining('no file')])
    expect(told({ type: 'PKCS12', path })).toEqual([expect.stringContaining('larger than 4 MiB')])
  })

  it('never tells of a key', async () => {
    const keyContent = (await selfSigned({})).key.replace('BEGIN', 'BEGINNING')
    const told = JSON.stringify(refusals({ ssl: { keyStore: { type: 'PEM', certContent: test.credentials.certificate, keyContent } } })) // prettier-ignore
    expect(told).not.toContain(keyContent.split('\n')[1])
  })
})
