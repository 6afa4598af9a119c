import { createPrivateKey } from 'node:crypto'
import { createServer as createHttp2, createSecureServer, type Http2Server } from 'node:http2'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Configuration } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { makeAuthority } from '../../../certificates/issue'
import { selfSigned, testCredentials, type TestCredentials } from '../../../certificates/testing'
import { membersOf, readDer } from '../../tls/stores/der'
import { readJks } from '../../tls/stores/jks'
import * as stores from '../../tls/stores/examples.testing'
import { api, rawExchange, startBackend, startGateway, type TestGateway } from '../testing'

let credentials: TestCredentials
let gateway: TestGateway
const closers: (() => Promise<unknown> | void)[] = []
beforeAll(async () => {
  credentials = await testCredentials()
})
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

/** An API whose one endpoint is connected to in this way. */
function apiTo(target: string, sharedConfigurationOverride: Configuration) {
  return api({
    endpointGroups: [
      {
        name: 'default-group',
        type: 'http-proxy',
        endpoints: [{ name: 'default', type: 'http-proxy', configuration: { target }, sharedConfigurationOverride }],
      },
    ],
  })
}
const deploy = (target: string, settings: Configuration) => gateway.deploy(apiTo(target, settings))
const call = (path = '/echo', init: RequestInit = {}) => fetch(gateway.address + path, init)

function refusals(settings: Configuration, target = 'https://127.0.0.1:1'): readonly FieldError[] {
  return gateway.gateway.check([apiTo(target, settings)]).flatMap(({ errors }) => errors)
}
const fields = (settings: Configuration, target?: string) =>
  refusals(settings, target).map(({ field }) =>
    field.replace('/endpointGroups/0/endpoints/0/sharedConfigurationOverride', ''),
  )

/** The key of a JKS store, for the backend. */
function secureContextOf(content: string) {
  const der = readJks(Buffer.from(content, 'base64'), 'changeit').keys[0]!.unlock('changeit')
  return { key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }) }
}

async function listening(server: Server | Http2Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return (server.address() as AddressInfo).port // listening on TCP
}

async function backend(listener: Parameters<typeof startBackend>[0], tls?: TestCredentials): Promise<string> {
  const { address, close } = await startBackend(listener, tls)
  closers.push(close)
  return address
}

describe('headers to the backend', () => {
  it('those of the endpoint stand in place of the client’s and of ours, with their expressions', async () => {
    deploy('gatehouse:echo', {
      headers: [
        { name: 'X-Key', value: 'of the endpoint' },
        { name: 'X-Path', value: '{#request.pathInfo}' },
        { name: 'Host', value: 'backend.example' },
      ],
    })
    const { headers } = (await (await call('/echo/a', { headers: { 'x-key': 'mine' } })).json()) as { headers: object }
    expect(headers).toMatchObject({ 'X-Key': 'of the endpoint', 'X-Path': '/a', Host: 'backend.example' })
  })

  it('the client’s Host is passed on where that is asked for', async () => {
    deploy('gatehouse:echo', { http: { propagateClientHost: true } })
    expect(await (await call()).text()).toContain(`"Host": "127.0.0.1:${gateway.port}"`)
    deploy('gatehouse:echo', { http: { propagateClientHost: false } })
    expect(await (await call()).text()).not.toContain(`"Host": "127.0.0.1:${gateway.port}"`)
  })

  it('what belongs to the connection is refused (RFC 9110 §7.6.1), and so is what would break a header', () => {
    expect(fields({ headers: [{ name: 'Connection', value: 'close' }] })).toEqual(['/headers/0/name'])
    expect(fields({ headers: [{ name: 'a', value: 'b\r\nc: d' }] })).toEqual(['/headers/0/value'])
    expect(fields({ headers: [{ name: 'a', value: '{#request' }] })).toEqual(['/headers/0/value'])
  })
})

describe('compression', () => {
  const compressing = () =>
    backend((request, response) => {
      const accepted = String(request.headers['accept-encoding'] ?? 'none')
      const [encoding, body] = accepted.includes('br')
        ? ['br', brotliCompressSync(`accepted ${accepted}`)]
        : accepted.includes('gzip')
          ? ['gzip', gzipSync(`accepted ${accepted}`)]
          : [undefined, Buffer.from(`accepted ${accepted}`)]
      response.writeHead(200, { ...(encoding === undefined ? {} : { 'content-encoding': encoding }), 'content-length': body.length }) // prettier-ignore
      response.end(body)
    })
  const raw = (accept?: string, method = 'GET') =>
    rawExchange(
      gateway.port,
      `${method} /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${accept === undefined ? '' : `Accept-Encoding: ${accept}\r\n`}\r\n`,
    )

  it('is asked for where the client does not, and unpacked for it', async () => {
    deploy(await compressing(), { http: { useCompression: true } })
    const answer = await raw()
    expect(answer).toMatch(/\r\n\r\n.*accepted gzip, deflate, br/s)
    expect(answer).not.toMatch(/content-encoding/i)
    expect(await raw(undefined, 'HEAD')).toMatch(/^HTTP\/1.1 200 /)
  })

  it('is left to a client that asks for it', async () => {
    deploy(await compressing(), { http: { useCompression: true } })
    expect(await raw('gzip')).toMatch(/content-encoding: gzip/i)
    expect(await raw('identity')).toMatch(/accepted identity$/)
  })

  it.each([
    [{ useCompression: false }, 'accepted none'],
    [{ useCompression: false, propagateClientAcceptEncoding: true }, 'content-encoding: gzip'],
    [{}, 'content-encoding: gzip'],
  ])('with %j a client that asks for gzip gets %s', async (http, expected) => {
    deploy(await compressing(), { http })
    expect((await raw('gzip')).toLowerCase()).toContain(expected)
  })
})

describe('connections', () => {
  it('are kept, unless they are not to be', async () => {
    const sockets = new Set<Socket>()
    const target = await backend((request, response) => {
      sockets.add(request.socket)
      response.end(String(request.headers.connection))
    })
    deploy(target, {})
    for (let i = 0; i < 3; i++) expect(await (await call()).text()).toBe('keep-alive')
    expect(sockets.size).toBe(1)
    deploy(target, { http: { keepAlive: false } })
    for (let i = 0; i < 3; i++) expect(await (await call()).text()).toBe('close')
    expect(sockets.size).toBe(4)
  })

  it('are no more at once than allowed; a request beyond waits its turn', async () => {
    let open = 0
    let most = 0
    const release: (() => void)[] = []
    const arrivals: (() => void)[] = []
    const target = await backend((_request, response) => {
      most = Math.max(most, ++open)
      release.push(() => {
        open--
        response.end('done')
      })
      arrivals.shift()?.()
    })
    deploy(target, { http: { maxConcurrentConnections: 2 } })
    const arrived = () => new Promise<void>((resolve) => arrivals.push(resolve))
    const first = [arrived(), arrived()]
    const calls = Array.from({ length: 4 }, () => call())
    await Promise.all(first)
    const next = [arrived(), arrived()]
    release.splice(0).forEach((go) => go())
    await Promise.all(next)
    release.splice(0).forEach((go) => go())
    expect(await Promise.all((await Promise.all(calls)).map((answer) => answer.text()))).toEqual(Array(4).fill('done'))
    expect(most).toBe(2)
  })

  it('an answer that stops half way is given up after the idle time-out', async () => {
    const target = await backend((_request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
    })
    deploy(target, { http: { idleTimeout: 100 } })
    const response = await call()
    await expect(response.text()).rejects.toThrow()
    const { refusal } = await gateway.recordOf(response)
    expect(refusal?.sentence).toContain('began its answer, and then sent nothing for 100 ms')
  })

  it.each([
    ['/http/connectTimeout', { http: { connectTimeout: 0 } }],
    ['/http/readTimeout', { http: { readTimeout: 'soon' } }],
    ['/http/maxConcurrentConnections', { http: { maxConcurrentConnections: 0 } }],
    ['/http/version', { http: { version: 'HTTP_3' } }],
  ])('%s is refused when it cannot be', (field, settings) => {
    expect(fields(settings)).toEqual([field])
  })

  it('members that Gravitee writes as null count as left out', () => {
    expect(refusals({ http: { connectTimeout: null }, ssl: null, proxy: { enabled: false, host: null }, headers: null })).toEqual([]) // prettier-ignore
  })
})

describe('redirects', () => {
  async function elsewhere() {
    const other = await backend((request, response) => {
      const { authorization = 'none', 'x-kept': kept = 'none' } = request.headers
      response.end(`${request.url} authorization ${authorization}, x-kept ${String(kept)}`)
    })
    return backend((request, response) => {
      if (request.url === '/here') return void response.end('here')
      const location = request.url === '/near' ? '/here' : request.url === '/round' ? '/round' : `${other}/there`
      response.writeHead(302, { location })
      response.end()
    })
  }

  it('are passed on unless they are to be followed', async () => {
    deploy(await elsewhere(), {})
    expect((await call('/echo/near', { redirect: 'manual' })).status).toBe(302)
  })

  it('are followed, and credentials stay where they belong', async () => {
    deploy(await elsewhere(), { http: { followRedirects: true } })
    expect(await (await call('/echo/near')).text()).toBe('here')
    const far = await call('/echo/far', { headers: { authorization: 'Bearer secret', 'x-kept': 'yes' } })
    expect(await far.text()).toBe('/there authorization none, x-kept yes')
    expect((await call('/echo/near', { method: 'POST', redirect: 'manual' })).status).toBe(302)
    const round = await call('/echo/round', { redirect: 'manual' })
    expect((await gateway.recordOf(round)).refusal?.sentence).toContain('redirects in a circle')
  })
})

describe('TLS', () => {
  const secure = () => backend((_request, response) => void response.end('answered'), credentials)
  const pem = (content: string, more: object = {}) => ({ ssl: { trustStore: { type: 'PEM', content }, ...more } })

  it('trusts the authority that is given, and no other then', async () => {
    const target = await secure()
    deploy(target, pem(credentials.authority))
    expect(await (await call()).text()).toBe('answered')
    deploy(target, pem((await makeAuthority('another', Date.now())).certificate))
    const refused = await call()
    expect((await gateway.recordOf(refused)).refusal?.key).toBe('GATEWAY_BACKEND_UNTRUSTED')
  })

  it('reads PEM that has lost its line ends', async () => {
    deploy(await secure(), pem(credentials.authority.replaceAll('\n', ' ')))
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
      { cert: credentials.certificate, key: credentials.key, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        response.end((request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? 'nobody')
      },
    )
    const target = `https://127.0.0.1:${await listening(server)}`
    deploy(target, pem(credentials.authority))
    expect(await (await call()).text()).toBe('nobody')
    const keyStore = { type: 'PEM', certContent: client.certificate, keyContent: client.key }
    deploy(target, pem(credentials.authority, { keyStore }))
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
    ['/ssl/keyStore/keyContent', () => ({ keyStore: { type: 'PEM', certContent: credentials.certificate, keyContent: 'x' } })], // prettier-ignore
    ['/ssl/keyStore', async () => ({ keyStore: { type: 'PEM', certContent: credentials.certificate, keyContent: (await selfSigned({})).key } })], // prettier-ignore
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
    const told = JSON.stringify(refusals({ ssl: { keyStore: { type: 'PEM', certContent: credentials.certificate, keyContent } } })) // prettier-ignore
    expect(told).not.toContain(keyContent.split('\n')[1])
  })
})

describe('an outgoing proxy', () => {
  /** Passes on what it is asked for, and keeps what that was. */
  async function proxy(authorization?: string) {
    const asked: string[] = []
    const server = createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.headers['proxy-authorization'] !== authorization) return void response.writeHead(407).end()
      void fetch(request.url!, { headers: { 'x-by': 'proxy' } }).then(async (answer) =>
        response.end(await answer.text()),
      )
    })
    server.on('connect', (request, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`)
      if (request.headers['proxy-authorization'] !== authorization) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
        return
      }
      const [host, port] = request.url!.split(':')
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        socket.pipe(upstream).pipe(socket)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    return { asked, port: await listening(server) }
  }
  const by = (port: number, more: object = {}) => ({ enabled: true, type: 'HTTP', host: '127.0.0.1', port, ...more })

  it('is asked for the whole address without TLS', async () => {
    const { asked, port } = await proxy()
    const target = await backend((request, response) => void response.end(`by ${String(request.headers['x-by'])}`))
    deploy(target, { proxy: by(port) })
    expect(await (await call('/echo/a?b=c')).text()).toBe('by proxy')
    expect(asked).toEqual([`GET ${target}/a?b=c`])
  })

  it('opens a tunnel for TLS, with its credentials', async () => {
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
    const { asked, port } = await proxy(basic)
    const target = await backend((_request, response) => void response.end('answered'), credentials)
    const ssl = { trustStore: { type: 'PEM', content: credentials.authority } }
    deploy(target, { ssl, proxy: by(port, { username: 'me', password: 'secret' }) })
    expect(await (await call()).text()).toBe('answered')
    expect(asked).toEqual([`CONNECT ${target.slice('https://'.length)}`])

    deploy(target, { ssl, proxy: by(port, { username: 'me', password: 'wrong' }) })
    const refused = await call()
    expect(refused.status).toBe(502)
    expect((await gateway.recordOf(refused)).refusal).toMatchObject({
      key: 'GATEWAY_PROXY_FAILED',
      sentence: expect.stringContaining('refused the tunnel') as string,
    })
  })

  it('that is not there is told as such', async () => {
    const server = createHttpServer()
    const port = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    deploy('https://127.0.0.1:1', { proxy: by(port) })
    const response = await call()
    expect((await gateway.recordOf(response)).refusal?.sentence).toBe(`The proxy 127.0.0.1:${port} cannot be reached`)
  })

  it.each([
    ['/proxy/host', { enabled: true, port: 1 }],
    ['/proxy/host', { enabled: true, host: 'a/b', port: 1 }],
    ['/proxy/port', { enabled: true, host: 'a' }],
    ['/proxy/type', { enabled: true, type: 'SOCKS5', host: 'a', port: 1 }],
  ])('%s is refused when it cannot be used', (field, settings) => {
    expect(fields({ proxy: settings })).toEqual([field])
  })
})

describe('HTTP/2 to the backend', () => {
  const answer = (server: Http2Server) =>
    server.on('stream', (stream, headers) => {
      void buffer(stream).then((body) => {
        stream.respond({ ':status': 200, 'x-path': String(headers[':path']), 'x-host': String(headers[':authority']) })
        stream.end(`${headers[':method']} ${body.length}`)
      })
    })

  it('is spoken over TLS with a backend that offers it', async () => {
    const port = await listening(answer(createSecureServer({ cert: credentials.certificate, key: credentials.key })))
    const ssl = { trustStore: { type: 'PEM', content: credentials.authority } }
    deploy(`https://127.0.0.1:${port}`, { ssl, http: { version: 'HTTP_2' } })
    const response = await call('/echo/a', { method: 'POST', body: 'x'.repeat(300_000) })
    expect([response.status, response.headers.get('x-path'), await response.text()]).toEqual([200, '/a', 'POST 300000'])
  })

  it('falls back to HTTP/1.1 where the backend does not', async () => {
    const target = await backend((request, response) => void response.end(request.httpVersion), credentials)
    const ssl = { trustStore: { type: 'PEM', content: credentials.authority } }
    deploy(target, { ssl, http: { version: 'HTTP_2' } })
    expect(await (await call()).text()).toBe('1.1')
  })

  it('is begun at once without TLS', async () => {
    const port = await listening(answer(createHttp2()))
    deploy(`http://127.0.0.1:${port}`, { http: { version: 'HTTP_2' } })
    const answers = await Promise.all(Array.from({ length: 50 }, async () => (await call()).text()))
    expect(new Set(answers)).toEqual(new Set(['GET 0']))
  })

  it('is not begun by an upgrade, nor through a proxy without TLS', () => {
    const http = { version: 'HTTP_2' }
    expect(fields({ http: { ...http, clearTextUpgrade: true } }, 'http://127.0.0.1:1')).toEqual(['/http/clearTextUpgrade']) // prettier-ignore
    expect(fields({ http, proxy: { enabled: true, host: 'a', port: 1 } }, 'http://127.0.0.1:1')).toEqual(['/proxy/enabled']) // prettier-ignore
  })
})

it('waits for the requests under way when it is replaced', async () => {
  let finish: (() => void) | undefined
  const target = await backend((_request, response) => void (finish = () => response.end('finished')))
  deploy(target, { http: { followRedirects: true } })
  const underWay = call()
  await expect.poll(() => finish !== undefined).toBe(true)
  deploy('gatehouse:echo', {})
  finish!()
  expect(await (await underWay).text()).toBe('finished')
})
