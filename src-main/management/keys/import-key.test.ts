import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OperationInput } from '@shared/operations'
import { openTestWorkspace, type TestWorkspace } from '../testing'

let workspace: TestWorkspace
let domainId: string
beforeAll(async () => {
  workspace = await openTestWorkspace()
  domainId = (await workspace.call('domains.create', { name: 'orders' })).id
})
afterAll(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

type Given = Omit<OperationInput<'keys.import'>, 'domainId'>

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
const ed25519 = generateKeyPairSync('ed25519').privateKey
const secret = { kty: 'oct', k: randomBytes(64).toString('base64url') }

const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1') =>
  key.export({ format: 'pem', type: type as 'pkcs8' }).toString() // the overloads want the kind of key first
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more })
const json = (value: unknown) => JSON.stringify(value)
const spki = createPublicKey(rsa).export({ format: 'pem', type: 'spki' }).toString()
const thumbprint = (key: KeyObject) => calculateJwkThumbprint(jwk(key) as JWK)

/** Imports the key, and takes it away again. */
async function imported(given: Given) {
  const before = await workspace.call('domains.get', { domainId })
  const { keys } = await workspace.call('keys.import', { domainId, ...given })
  const key = keys.find(({ id }) => !before.keys.some((known) => known.id === id))!
  const { text } = await workspace.call('keys.exportPrivate', {
    domainId,
    keyId: key.id,
    format: 'jwk',
    confirmKid: key.kid,
  })
  await workspace.store.saveDomain(before)
  return { key, jwk: JSON.parse(text) as JWK }
}

describe('a private key is taken in', () => {
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
  it.each([
    ['PKCS #8 of RSA', pem(rsa, 'pkcs8'), 'RS256', rsa],
    ['PKCS #1', pem(rsa, 'pkcs1'), 'RS256', rsa],
    ['SEC 1', pem(p256, 'sec1'), 'ES256', p256],
    ['SEC 1 with its parameters before it, as openssl writes it', parameters + pem(p256, 'sec1'), 'ES256', p256],
    ['PKCS #8 of P-384', pem(p384, 'pkcs8'), 'ES384', p384],
    ['PKCS #8 of P-521', pem(p521, 'pkcs8'), 'ES512', p521],
    ['PKCS #8 of Ed25519', pem(ed25519, 'pkcs8'), 'EdDSA', ed25519],
    [
      'PEM with CRLF, text before it and the public key behind it',
      `Bag Attributes\r\n${pem(rsa, 'pkcs8').replaceAll('\n', '\r\n')}${spki}`,
      'RS256',
      rsa,
    ],
    ['PEM on one line, as in an environment variable', pem(rsa, 'pkcs8').replaceAll('\n', '\\n'), 'RS256', rsa],
    ['a JWK', json(jwk(p256)), 'ES256', p256],
    ['a JWK with its alg', json(jwk(rsa, { alg: 'PS256', use: 'sig', key_ops: ['sign', 'verify'] })), 'PS256', rsa],
    ['a JWK set of one', ` {"keys": [${json(jwk(ed25519))}]}\n`, 'EdDSA', ed25519],
  ] as const)('from %s', async (_form, key, algorithm, original) => {
    const { key: made, jwk: kept } = await imported({ key })
    expect(made).toMatchObject({ kid: await thumbprint(original), algorithm, status: 'active' })
    const { kid: _kid, use: _use, alg: _alg, ...members } = kept
    expect(members).toEqual(jwk(original))
  })

  it('from the JWK of a secret', async () => {
    const { key, jwk: kept } = await imported({ key: json({ ...secret, kid: 'shared', alg: 'HS512' }) })
    expect(key).toMatchObject({ kid: 'shared', algorithm: 'HS512' })
    expect(kept).toMatchObject(secret)
  })

  it('under the kid given, else its own, else its thumbprint (RFC 7638)', async () => {
    const key = json(jwk(p256, { kid: 'its-own' }))
    expect((await imported({ key, kid: 'given' })).key.kid).toBe('given')
    expect((await imported({ key })).key.kid).toBe('its-own')
    expect((await imported({ key: pem(p256, 'pkcs8') })).key.kid).toBe(await thumbprint(p256))
  })

  it('for the algorithm asked for, and with the size of an RSA key', async () => {
    const { key } = await imported({ key: pem(rsa, 'pkcs8'), algorithm: 'RS512' })
    expect(key).toMatchObject({ algorithm: 'RS512', modulusBits: 2048 })
  })

  it('in the place of the active key of its algorithm, which is retired with an overlap', async () => {
    const { id } = await workspace.call('domains.create', { name: 'replaced', signingAlgorithm: 'ES256' })
    const { keys } = await workspace.call('keys.import', { domainId: id, key: pem(p256, 'pkcs8'), overlapSeconds: 60 })
    expect(keys).toMatchObject([
      { kid: await thumbprint(p256), status: 'active' },
      { status: 'retired', expiresAt: expect.any(String) },
    ])
  })

  it('to verify only, until it is removed or over', async () => {
    const { id } = await workspace.call('domains.create', { name: 'verifying', signingAlgorithm: 'ES256' })
    const verifying = { domainId: id, status: 'retired' as const }
    const { keys } = await workspace.call('keys.import', { ...verifying, key: pem(p256, 'pkcs8') })
    expect(keys).toMatchObject([{ status: 'active' }, { status: 'retired' }])
    expect(keys[1]).not.toHaveProperty('expiresAt')
    const ending = await workspace.call('keys.import', { ...verifying, key: pem(rsa, 'pkcs8'), overlapSeconds: 60 })
    expect(ending.keys[2]).toMatchObject({ algorithm: 'RS256', status: 'retired', expiresAt: expect.any(String) })
  })
})

describe('what is no key to sign with is told, without a part of it:', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
  const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
  const x25519 = generateKeyPairSync('x25519').privateKey
  const other = jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const otherRsa = jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  const whole = pem(rsa, 'pkcs8')
  const encrypted = rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
  const legacy = rsa.export({ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
  const cut = whole.slice(0, 400)
  const { p: _p, q: _q, ...withoutPrimes } = jwk(rsa)
  const publicJwk = createPublicKey(p256).export({ format: 'jwk' })

  it.each<[string, Given, field: string, says: RegExp]>([
    ['a word', { key: 'hunter2-hunter2-hunter2' }, '/key', /neither PEM nor a JWK/],
    ['an empty file', { key: ' \n' }, '/key', /neither PEM nor a JWK/],
    ['a public PEM', { key: spki }, '/key', /no private key, only PUBLIC KEY/],
    ['a PEM that is cut off', { key: cut }, '/key', /PRIVATE KEY cannot be read: it is cut off/],
    ['a PEM that was changed', { key: whole.replace(/[A-Z]{2}\n/, '!!\n') }, '/key', /cannot be read/],
    ['a PEM of no kind', { key: '-----BEGIN -----\nAAAA\n-----END -----' }, '/key', /names no kind of key/],
    ['two private keys', { key: whole + pem(p256, 'sec1') }, '/key', /holds 2 private keys/],
    ['a passphrase', { key: encrypted }, '/key', /protected by a passphrase/],
    ['a passphrase of old', { key: legacy }, '/key', /protected by a passphrase/],
    [
      'an OpenSSH key',
      { key: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n-----END OPENSSH PRIVATE KEY-----' },
      '/key',
      /OpenSSH's own format/,
    ],
    [
      'RSA of 1024 bits',
      { key: pem(small, 'pkcs8') },
      '/key',
      /RS256 needs an RSA key of 2048 bits or more, and this is an RSA key of 1024 bits/,
    ],
    ['RSA bound to PSS', { key: pem(pss, 'pkcs8') }, '/key', /bound to PSS/],
    ['secp256k1', { key: pem(koblitz, 'pkcs8') }, '/key', /of the kind ec secp256k1/],
    ['X25519', { key: pem(x25519, 'pkcs8') }, '/key', /of the kind x25519/],
    ['X25519 as a JWK', { key: json(jwk(x25519)) }, '/key', /of the kind x25519/],
    [
      'an algorithm of another kind',
      { key: whole, algorithm: 'ES256' },
      '/algorithm',
      /ES256 needs a P-256 key, and this is an RSA key of 2048 bits/,
    ],
    [
      'an algorithm of another curve',
      { key: pem(p256, 'pkcs8'), algorithm: 'ES384' },
      '/algorithm',
      /ES384 needs a P-384 key, and this is a P-256 key/,
    ],
    ['broken JSON', { key: json(jwk(p256)).slice(0, -4) }, '/key', /not valid JSON/],
    ['a list', { key: `[${json(jwk(p256))}]` }, '/key', /JSON, but no JWK/],
    ['a JWK without kty', { key: json({ d: jwk(p256).d }) }, '/key', /what kind of key it is \(kty\)/],
    ['a JWK of an odd kty', { key: json(jwk(p256, { kty: '__proto__' })) }, '/key', /a kind that is not known/],
    ['a public JWK', { key: json(publicJwk) }, '/key', /a public key: its private part \(d\) is missing/],
    ['RSA without its primes', { key: json(withoutPrimes) }, '/key', /lacks p, q/],
    ['RSA of three primes', { key: json(jwk(rsa, { oth: [{}] })) }, '/key', /more than two primes/],
    [
      'a member that is no base64url',
      { key: json(jwk(p256, { d: 'not base64!', x: 7 })) },
      '/key',
      /x, d of the JWK is not base64url/,
    ],
    [
      'a member that was cut',
      { key: json(jwk(p256, { y: publicJwk.y!.slice(0, 10) })) },
      '/key',
      /members of the JWK do not make a key/,
    ],
    [
      'an EC key with the public part of another',
      { key: json({ ...jwk(p256), x: other.x, y: other.y }) },
      '/key',
      /does not belong to its public part|do not make a key/,
    ],
    [
      'an RSA key with the modulus of another',
      { key: json({ ...jwk(rsa), n: otherRsa.n }) },
      '/key',
      /does not belong to its public part|do not make a key/,
    ],
    ['a key for encryption', { key: json(jwk(rsa, { use: 'enc' })) }, '/key', /not for signing \(use\)/],
    [
      'a key that may only verify',
      { key: json(jwk(rsa, { key_ops: ['verify'] })) },
      '/key',
      /not for signing \(key_ops\)/,
    ],
    [
      'an alg that no domain signs with',
      { key: json(jwk(rsa, { alg: 'RSA-OAEP' })) },
      '/key',
      /an algorithm that no domain signs with/,
    ],
    ['an alg that is none', { key: json(jwk(rsa, { alg: 'none' })) }, '/key', /an algorithm that no domain signs with/],
    ['an alg of another kind', { key: json(jwk(rsa, { alg: 'ES256' })) }, '/key', /ES256 needs a P-256 key/],
    [
      'an alg other than asked for',
      { key: json(jwk(rsa, { alg: 'PS256' })), algorithm: 'RS256' },
      '/algorithm',
      /for PS256 \(alg\), not RS256/,
    ],
    [
      'a secret that is short',
      { key: json({ kty: 'oct', k: randomBytes(31).toString('base64url') }) },
      '/key',
      /HS256 needs a secret of 32 bytes or more, and this is a secret of 31 bytes/,
    ],
    ['a set of two', { key: json({ keys: [jwk(p256), jwk(rsa)] }) }, '/key', /set holds 2 keys/],
    ['a set of none', { key: json({ keys: [] }) }, '/key', /set holds no key/],
    ['a set that is none', { key: json({ keys: 'x' }) }, '/key', /set holds no key/],
    [
      'a kid of its own that cannot be used',
      { key: json(jwk(p256, { kid: 'a b' })) },
      '/kid',
      /The kid of the JWK cannot be used/,
    ],
    ['a kid that is no text', { key: json(jwk(p256, { kid: 7 })) }, '/kid', /The kid of the JWK cannot be used/],
    ['a kid that cannot be used', { key: whole, kid: 'a b' }, '/kid', /Kid/],
    ['a file that is too long', { key: 'x'.repeat(65_537) }, '/key', /at most 65536 characters/],
  ])('%s', async (_what, given, field, says) => {
    const problem = await workspace.problem('keys.import', { domainId, ...given })
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', status: 400 })
    expect(problem.errors).toEqual([
      { field, message: expect.stringMatching(says), remedy: expect.stringMatching(/\S/) },
    ])
    const told = JSON.stringify(problem)
    for (const part of given.key.match(/[\w+/-]{12,}/g) ?? []) expect(told).not.toContain(part)
  })

  it('a kid that the domain has already', async () => {
    const [known] = (await workspace.call('domains.get', { domainId })).keys
    expect(await workspace.problem('keys.import', { domainId, key: whole, kid: known!.kid })).toMatchObject({
      key: 'KEY_ID_TAKEN',
      status: 409,
      errors: [{ field: '/kid' }],
    })
  })
})
