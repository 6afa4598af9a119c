import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withApplications } from './testing'

const { workspace, domainId, create, errorsOf } = withApplications()

describe('keys of a client', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }) }
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const read = async (text: string) => (await workspace().call('applications.readKeys', { text })).jwks.keys
  const refused = async (text: string) => {
    const problem = await workspace().problem('applications.readKeys', { text })
    expect(JSON.stringify(problem)).not.toContain(privateKey.export({ format: 'jwk' }).d)
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field: '/text' }] })
    expect(problem.errors![0]!.remedy).toBeTruthy()
    return problem.errors![0]!.message
  }

  it('are read as a JWK set, a JWK or PEM, and get a kid where they have none (RFC 7638)', async () => {
    const [fromPem] = await read(pem)
    expect(fromPem).toEqual({ ...jwk, kid: expect.stringMatching(/^[\w-]{43}$/) as string })
    expect(await read(JSON.stringify(jwk))).toEqual([fromPem])
    const set = { keys: [{ ...jwk, kid: 'one', alg: 'ES256', use: 'sig', x5u: 'https://elsewhere.example' }, jwk] }
    expect(await read(JSON.stringify(set))).toEqual([{ ...jwk, kid: 'one', alg: 'ES256', use: 'sig' }, fromPem])
  })

  it('are refused with the reason, and a private one is kept nowhere', async () => {
    const privateJwk = privateKey.export({ format: 'jwk' })
    expect(await refused(JSON.stringify(privateJwk))).toMatch(/no public key: it has d/)
    expect(await refused(JSON.stringify({ keys: [jwk, privateJwk] }))).toMatch(/^Key 2: /)
    expect(await refused(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toMatch(/private key/)
    expect(await refused(JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }))).toMatch(/it has k/)
    expect(await refused('hello')).toMatch(/neither JSON nor PEM/)
    expect(await refused('[]')).toMatch(/no object/)
    expect(await refused('{"keys":{}}')).toMatch(/not a list/)
    expect(await refused('{"keys":[]}')).toMatch(/empty/)
    expect(await refused('{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}')).toMatch(/not a public key that can be read/)
    expect(await refused(pem.slice(0, 80))).toMatch(/no key can be read/)
    expect(await refused(pem + pem)).toMatch(/more than one/)
    expect(await refused(JSON.stringify({ ...jwk, alg: 'RS256' }))).toMatch(/alg is RS256/)
    expect(await refused(JSON.stringify({ ...jwk, use: 'enc' }))).toMatch(/use is enc/)
    expect(await refused(JSON.stringify({ keys: [jwk, jwk] }))).toMatch(/^Key 2: Two keys have the kid/)
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    expect(await refused(small.export({ type: 'spki', format: 'pem' }).toString())).toMatch(/RSA key of 1024 bits/)
    const jwks = { keys: [{ ...privateJwk }] }
    const method = 'private_key_jwt' as const
    expect(await errorsOf('service', { tokenEndpointAuthMethod: method, jwks })).toMatchObject({
      '/jwks/keys/0': expect.stringContaining('no public key') as string,
    })
    expect(await readFile(join(workspace().folder, 'domains', 'demo.json'), 'utf8')).not.toContain(privateJwk.d)
  })

  it('make an application of private_key_jwt one without a secret', async () => {
    const { application } = await create('service')
    const reference = application.clientSecret!
    const changed = await workspace().call('applications.update', {
      ...{ domainId: domainId(), applicationId: application.id, tokenEndpointAuthMethod: 'private_key_jwt' },
      jwks: { keys: await read(pem) },
    })
    expect(changed).toEqual({ application: expect.not.objectContaining({ clientSecret: reference }) as object })
    expect(workspace().store.secrets.resolve(reference)).toBeUndefined()
    expect(createPublicKey({ key: changed.application.jwks!.keys[0]!, format: 'jwk' }).equals(publicKey)).toBe(true)
  })
})
