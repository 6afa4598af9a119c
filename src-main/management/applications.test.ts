import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applicationKinds } from '@shared/application-kinds'
import type { ApplicationType, Domain } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import { keyFits } from '@shared/signing-key'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
let domainId: string
beforeEach(async () => {
  workspace = await openTestWorkspace()
  ;({ id: domainId } = await workspace.call('domains.create', { name: 'demo' }))
})
afterEach(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

type Settings = Omit<OperationInput<'applications.check'>, 'domainId' | 'applicationId'>
const create = (type: ApplicationType, settings: Settings = {}) =>
  workspace.call('applications.create', { domainId, name: `a ${type}`, type, ...settings })
const check = (type: ApplicationType, settings: Settings = {}) =>
  workspace.call('applications.check', { domainId, type, ...settings })
/** Fields that are wrong, with what is said of them. */
const errorsOf = async (type: ApplicationType, settings: Settings) =>
  Object.fromEntries((await check(type, settings)).errors.map(({ field, message }) => [field, message]))

describe('a new application', () => {
  it.each(applicationKinds.map(({ type }) => type))('of the kind %s starts with what goes with it', async (type) => {
    const kind = applicationKinds.find((each) => each.type === type)!
    const { application, clientSecret } = await create(type)
    expect(application).toMatchObject({ type, enabled: true, grantTypes: kind.grantTypes })
    const scopes = application.scopeSettings.map(({ scope }) => scope)
    const hasUsers = kind.grantTypes.includes('authorization_code')
    expect(scopes).toEqual(hasUsers ? ['profile', 'email', 'offline_access'] : [])
    expect(clientSecret === undefined).toBe(kind.isPublic)
    expect(application.clientSecret === undefined).toBe(kind.isPublic)
    expect((await check(type)).errors).toEqual([])
    expect((await workspace.call('workspace.get', {})).problems).toEqual([])
  })

  it('has a secret that is long enough a key for every MAC (RFC 7518 §3.2)', async () => {
    const { clientSecret = '' } = await create('web', { tokenEndpointAuthMethod: 'client_secret_jwt' })
    expect(keyFits('HS512', { kty: 'oct', bits: Buffer.byteLength(clientSecret) * 8 })).toBe(true)
  })

  it('demands PKCE of its logins unless it is told otherwise (RFC 9700 §2.1.1)', async () => {
    for (const type of ['web', 'agent'] as const) {
      expect((await create(type)).application.forcePKCE).toBe(true)
      const { application } = await create(type, { name: `an old ${type}`, forcePKCE: false })
      expect(application).not.toHaveProperty('forcePKCE')
    }
    for (const type of ['browser', 'native', 'service', 'resource_server'] as const) {
      expect((await create(type)).application).not.toHaveProperty('forcePKCE')
    }
  })

  it('is a service unless it is told otherwise', async () => {
    const { application } = await workspace.call('applications.create', { domainId, name: 'orders' })
    expect(application).toMatchObject({ type: 'service', grantTypes: ['client_credentials'] })
  })

  it('keeps everything that it is given, and nothing that is so by default', async () => {
    await workspace.call('domains.saveScope', { domainId, scope: { key: 'read' } })
    const settings = {
      description: 'Shop',
      grantTypes: ['authorization_code', 'client_credentials'] as const,
      redirectUris: ['https://shop.example.com/callback', 'http://127.0.0.1:3000/callback'],
      postLogoutRedirectUris: ['https://shop.example.com/bye'],
      allowedOrigins: ['https://shop.example.com'],
      allowedResources: ['https://api.example.com/orders'],
      scopeSettings: [{ scope: 'read', defaultScope: true }],
      enhanceScopesWithUserPermissions: true,
      forcePKCE: true,
      requireParRequest: true,
      skipConsent: true,
      accessTokenValiditySeconds: 60,
      refreshTokenValiditySeconds: 600,
      idTokenValiditySeconds: 61,
      disableRefreshTokenRotation: true,
      signingAlgorithm: 'HS256' as const,
      tokenCustomClaims: [{ tokenType: 'ACCESS_TOKEN' as const, claimName: 'tier', claimValue: 'gold' }],
    }
    const { application } = await create('web', { ...settings, grantTypes: [...settings.grantTypes] })
    expect(application).toMatchObject(settings)
    const asByDefault = await workspace.call('applications.update', {
      domainId,
      applicationId: application.id,
      description: '',
      redirectUris: [],
      postLogoutRedirectUris: [],
      allowedOrigins: [],
      allowedResources: [],
      enhanceScopesWithUserPermissions: false,
      forcePKCE: false,
      forceS256CodeChallengeMethod: true,
      requireParRequest: false,
      skipConsent: false,
      refreshTokenValiditySeconds: 14_400,
      idTokenValiditySeconds: 14_400,
      disableRefreshTokenRotation: false,
      signingAlgorithm: null,
      tokenCustomClaims: [],
    })
    expect(Object.keys(asByDefault.application).sort()).toEqual([
      'accessTokenValiditySeconds',
      'clientId',
      'clientSecret',
      'clientSecretCreatedAt',
      'createdAt',
      'enabled',
      'grantTypes',
      'id',
      'name',
      'scopeSettings',
      'type',
      'updatedAt',
    ])
  })
})

describe('a redirect address', () => {
  it.each([
    ['https://app.example.com/callback?tenant=1'],
    ['https://app.example.com:8443'],
    ['http://localhost:3000/callback'],
    ['http://127.0.0.1/callback'],
    ['http://[::1]:3000/callback'],
  ])('%s is taken', async (address) => {
    expect(await check('web', { redirectUris: [address] })).toEqual({ errors: [], warnings: [] })
  })

  it.each([
    ['http://app.example.com/callback', /http to app\.example\.com/],
    ['http://localhost.example.com/callback', /http to localhost\.example\.com/],
    ['https://app.example.com/callback#done', /fragment/],
    ['https://*.example.com/callback', /wildcard/],
    ['https://app.example.com/*', /wildcard/],
    ['https://me:secret@app.example.com/', /name or password/],
    ['https://@app.example.com/', /name or password/],
    ['https://app.example.com\\@evil.example/', /character \\/],
    ['https://app.example.com/a b', /space/],
    [' https://app.example.com/', /space/],
    ['https://app.example.com/größe', /character ö/],
    ['https://app.example.com/100%', /%/],
    ['https:///callback', /no host/],
    ['https:app.example.com', /no host/],
    ['https://', /no host/],
    ['/callback', /not a whole address/],
    ['app.example.com/callback', /not a whole address/],
    ['javascript:alert(1)', /does not lead back/],
    ['data:text/html,hello', /does not lead back/],
    ['com.example.app:/callback', /only a native/],
  ])('%s is refused', async (address, says) => {
    const { errors } = await check('web', { redirectUris: ['https://fine.example.com/', address] })
    expect(errors).toMatchObject([{ field: '/redirectUris/1', message: expect.stringMatching(says) as string }])
    expect(errors[0]!.remedy).toBeTruthy()
    const problem = await workspace.problem('applications.create', {
      ...{ domainId, name: 'a web', type: 'web', redirectUris: ['https://fine.example.com/', address] },
    })
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors })
  })

  it('is taken once', async () => {
    const address = 'https://app.example.com/'
    expect(await errorsOf('web', { redirectUris: [address, address] })).toEqual({
      '/redirectUris/1': 'It is in the list already',
    })
  })

  it('of a native application may have a scheme of its own, a reversed domain name preferably (RFC 8252 §7.1)', async () => {
    expect(await check('native', { redirectUris: ['com.example.app:/callback'] })).toEqual({ errors: [], warnings: [] })
    expect(await check('native', { redirectUris: ['myapp://callback'] })).toMatchObject({
      errors: [],
      warnings: [{ field: '/redirectUris/0', message: expect.stringContaining('myapp:') as string }],
    })
  })
})

it('an origin is what a browser sends, and a resource an absolute address (RFC 6454 §6.1, RFC 8707 §2)', async () => {
  const allowedOrigins = [
    'https://App.example.com',
    'https://app.example.com/',
    'null',
    '*',
    'https://app.example.com:443',
  ]
  expect(Object.keys(await errorsOf('browser', { allowedOrigins }))).toEqual(
    allowedOrigins.map((_, index) => `/allowedOrigins/${index}`),
  )
  expect(await errorsOf('browser', { allowedOrigins: ['https://app.example.com', 'http://localhost:5173'] })).toEqual(
    {},
  )
  expect(await errorsOf('native', { allowedOrigins: ['capacitor://localhost'] })).toEqual({})
  const allowedResources = ['orders', 'https://api.example.com/#part']
  expect(Object.keys(await errorsOf('service', { allowedResources }))).toEqual([
    '/allowedResources/0',
    '/allowedResources/1',
  ])
  expect(await errorsOf('service', { allowedResources: ['urn:example:orders', 'https://api.example.com'] })).toEqual({})
})

describe('what does not go together is told at its field:', () => {
  it.each<[string, ApplicationType, Settings, string, RegExp]>([
    ['a public kind and a secret', 'browser', { tokenEndpointAuthMethod: 'client_secret_basic' }, '/tokenEndpointAuthMethod', /neither a secret/],
    ['a public kind and a key', 'native', { tokenEndpointAuthMethod: 'private_key_jwt' }, '/tokenEndpointAuthMethod', /neither a secret/],
    ['a resource server that proves nothing', 'resource_server', { tokenEndpointAuthMethod: 'none' }, '/tokenEndpointAuthMethod', /prove who it is/],
    ['private_key_jwt and no key', 'service', { tokenEndpointAuthMethod: 'private_key_jwt' }, '/jwks', /needs the public key/],
    ['client credentials and no authentication', 'service', { tokenEndpointAuthMethod: 'none' }, '/grantTypes/0', /prove who they are/],
    ['a resource server and a grant', 'resource_server', { grantTypes: ['client_credentials'] }, '/grantTypes/0', /Resource server/],
    ['a service and a login', 'service', { grantTypes: ['client_credentials', 'authorization_code'] }, '/grantTypes/1', /Service/],
    ['a single page and passwords', 'browser', { grantTypes: ['password'] }, '/grantTypes/0', /Single page/],
    ['a grant, twice', 'web', { grantTypes: ['authorization_code', 'authorization_code'] }, '/grantTypes/1', /twice/],
    ['a public client whose refresh tokens stay', 'browser', { disableRefreshTokenRotation: true }, '/disableRefreshTokenRotation', /rotated/],
    ['an algorithm and no key for it', 'web', { signingAlgorithm: 'ES256' }, '/signingAlgorithm', /no active key for ES256/],
    ['an algorithm of userinfo and no key for it', 'web', { userinfoSignedResponseAlg: 'ES384' }, '/userinfoSignedResponseAlg', /no active key for ES384/],
    ['userinfo signed with a secret that there is not', 'browser', { userinfoSignedResponseAlg: 'HS256' }, '/userinfoSignedResponseAlg', /has none/],
    ['a scope that the domain has not', 'service', { scopeSettings: [{ scope: 'x', defaultScope: true }] }, '/scopeSettings/0/scope', /has no scope x/],
    ['openid, which needs no giving', 'browser', { scopeSettings: [{ scope: 'openid', defaultScope: true }] }, '/scopeSettings/0/scope', /openid is not given/],
    ['a claim that the server sets itself', 'web', claim('ID_TOKEN', 'nonce', 'x'), '/tokenCustomClaims/0/claimName', /set by the authorization server/],
    ['a claim without a value', 'web', claim('ID_TOKEN', 'tier', ' '), '/tokenCustomClaims/0/claimValue', /no value/],
    ['a claim that does not parse', 'web', claim('ACCESS_TOKEN', 'mail', "{#context.attributes['user'.email}"), '/tokenCustomClaims/0/claimValue', /^A \[ needs a \] that ends it \(character 34\)$/],
  ])('%s', async (_what, type, settings, field, says) => {
    const { errors } = await check(type, settings)
    expect(errors).toMatchObject([{ field, message: expect.stringMatching(says) as string }])
    expect(errors[0]!.remedy).toBeTruthy()
  }) // prettier-ignore

  it('userinfo signed with a secret that is too short a key: none of the domain is needed, and a new secret is', async () => {
    const { application } = await create('web')
    await workspace.store.secrets.set({ [`application/${application.id}`]: 'x'.repeat(43) })
    const ids = { domainId, applicationId: application.id }
    const change = (alg: 'HS256' | 'HS384' | 'HS512') =>
      workspace.management.run('applications.update', { ...ids, userinfoSignedResponseAlg: alg })
    expect(await change('HS512')).toMatchObject({
      problem: {
        errors: [
          {
            field: '/userinfoSignedResponseAlg',
            message: expect.stringContaining('needs a secret of 64 bytes or more') as string,
            remedy: expect.stringContaining('Rotate its secret first') as string,
          },
        ],
      },
    })
    expect(await change('HS256')).toMatchObject({ ok: true })
    await workspace.call('applications.rotateSecret', ids)
    expect(await change('HS512')).toMatchObject({ ok: true })
  })

  it('what only keeps it from working is a warning', async () => {
    const warned = async (type: ApplicationType, settings: Settings = {}) =>
      (await check(type, settings)).warnings.map(({ field }) => field)
    expect(await warned('web')).toEqual(['/redirectUris'])
    expect(await warned('service', { grantTypes: [] })).toEqual(['/grantTypes'])
    expect(await warned('resource_server')).toEqual([])
    expect(await warned('agent', { grantTypes: ['client_credentials', 'refresh_token'] })).toEqual(['/grantTypes'])
    expect(await warned('web', { grantTypes: ['password'] })).toEqual(['/grantTypes'])
    const redirectUris = ['https://app.example.com/']
    expect(await warned('browser', { redirectUris })).toEqual([])
    expect(await warned('browser', { redirectUris, signingAlgorithm: 'HS256' })).toEqual(['/signingAlgorithm'])
  })

  it('the same claim in one token, twice', async () => {
    const tokenCustomClaims = ['ACCESS_TOKEN', 'ID_TOKEN', 'ID_TOKEN'].map((tokenType) => ({
      tokenType: tokenType as 'ID_TOKEN',
      claimName: 'tier',
      claimValue: "{#context.attributes['user'].tier}",
    }))
    expect(Object.keys(await errorsOf('web', { tokenCustomClaims }))).toEqual(['/tokenCustomClaims/2/claimName'])
  })
})

function claim(tokenType: 'ACCESS_TOKEN' | 'ID_TOKEN', claimName: string, claimValue: string): Settings {
  return { tokenCustomClaims: [{ tokenType, claimName, claimValue }] }
}

it('a fault that was there before keeps nobody from changing something else', async () => {
  await workspace.call('domains.saveScope', { domainId, scope: { key: 'read' } })
  const { application } = await create('web', { redirectUris: ['https://app.example.com/'] })
  await edit((domain) => {
    domain.applications[0]!.redirectUris = ['http://app.example.com/', 'https://app.example.com/']
  })
  const update = (change: Settings) => ({ domainId, applicationId: application.id, ...change })
  await workspace.call('applications.update', update({ enabled: false }))
  const worse = ['http://app.example.com/', 'http://other.example.com/']
  expect(await workspace.problem('applications.update', update({ redirectUris: worse }))).toMatchObject({
    errors: [{ field: '/redirectUris/1' }],
  })
  await workspace.call('applications.update', update({ redirectUris: ['https://app.example.com/'] }))
  expect((await workspace.call('workspace.get', {})).problems).toEqual([])
})

describe('keys of a client', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }) }
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const read = async (text: string) => (await workspace.call('applications.readKeys', { text })).jwks.keys
  const refused = async (text: string) => {
    const problem = await workspace.problem('applications.readKeys', { text })
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
    expect(await readFile(join(workspace.folder, 'domains', 'demo.json'), 'utf8')).not.toContain(privateJwk.d)
  })

  it('make an application of private_key_jwt one without a secret', async () => {
    const { application } = await create('service')
    const reference = application.clientSecret!
    const changed = await workspace.call('applications.update', {
      ...{ domainId, applicationId: application.id, tokenEndpointAuthMethod: 'private_key_jwt' },
      jwks: { keys: await read(pem) },
    })
    expect(changed).toEqual({ application: expect.not.objectContaining({ clientSecret: reference }) as object })
    expect(workspace.store.secrets.resolve(reference)).toBeUndefined()
    expect(createPublicKey({ key: changed.application.jwks!.keys[0]!, format: 'jwk' }).equals(publicKey)).toBe(true)
  })
})

describe('the secrets of an application', () => {
  const secretOf = (reference: string | undefined) => reference && workspace.store.secrets.resolve(reference)

  it('go when its method uses none, and one is made when it uses one again', async () => {
    const { application } = await create('web')
    const ids = { domainId, applicationId: application.id }
    const { application: two } = await workspace.call('applications.addSecret', { ...ids, name: 'CI' })
    const bare = await workspace.call('applications.update', { ...ids, tokenEndpointAuthMethod: 'none' })
    expect(Object.keys(bare)).toEqual(['application'])
    expect(Object.keys(bare.application).filter((member) => /secret/i.test(member))).toEqual([])
    expect([two.clientSecret, two.furtherSecrets![0]!.secret].map(secretOf)).toEqual([undefined, undefined])
    expect(await workspace.problem('applications.addSecret', ids)).toMatchObject({ key: 'APPLICATION_WITHOUT_SECRET' })
    expect(await workspace.problem('applications.rotateSecret', ids)).toMatchObject({
      key: 'APPLICATION_WITHOUT_SECRET',
    })
    const again = await workspace.call('applications.update', { ...ids, tokenEndpointAuthMethod: null })
    expect(again.clientSecret).toBe(secretOf(again.application.clientSecret))
    expect((await workspace.call('applications.update', { ...ids, enabled: false })).clientSecret).toBeUndefined()
  })

  it('are told by name, age and end; none is ever over before it begins', async () => {
    const { application } = await create('service')
    const ids = { domainId, applicationId: application.id }
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const added = await workspace.call('applications.addSecret', { ...ids, name: ' CI ', expiresAt })
    expect(added.application.furtherSecrets).toMatchObject([{ name: 'CI', expiresAt }])
    const secretId = added.application.furtherSecrets![0]!.id
    const later = new Date(Date.now() + 7_200_000).toISOString()
    const moved = await workspace.call('applications.setSecretExpiry', { ...ids, secretId, expiresAt: later })
    expect(moved.furtherSecrets).toMatchObject([{ id: secretId, expiresAt: later }])
    expect((await workspace.call('applications.setSecretExpiry', { ...ids, secretId })).furtherSecrets).toEqual([
      expect.not.objectContaining({ expiresAt: later }) as object,
    ])
    const main = await workspace.call('applications.setSecretExpiry', { ...ids, secretId: application.id, expiresAt })
    expect(main.clientSecretExpiresAt).toBe(expiresAt)
    for (const past of ['2020-01-01T00:00:00Z', 'soon'])
      expect(await workspace.problem('applications.addSecret', { ...ids, expiresAt: past })).toMatchObject({
        errors: [{ field: '/expiresAt', remedy: expect.any(String) as string }],
      })
  })

  it('the main one is replaced by another, and stays valid beside it', async () => {
    const { application, clientSecret: first } = await create('service')
    const ids = { domainId, applicationId: application.id }
    const { application: two, clientSecret: second } = await workspace.call('applications.addSecret', {
      ...ids,
      name: 'B',
    })
    const swapped = await workspace.call('applications.makeSecretMain', {
      ...ids,
      secretId: two.furtherSecrets![0]!.id,
    })
    // APIs refer to the main one by its place.
    expect(swapped.clientSecret).toBe(application.clientSecret)
    expect(secretOf(swapped.clientSecret)).toBe(second)
    expect(swapped).toMatchObject({
      clientSecretName: 'B',
      furtherSecrets: [{ createdAt: application.clientSecretCreatedAt }],
    })
    expect(swapped.furtherSecrets!.map(({ secret }) => secretOf(secret))).toEqual([first])
    expect(secretOf(two.furtherSecrets![0]!.secret)).toBeUndefined()
    expect(await workspace.problem('applications.removeSecret', { ...ids, secretId: application.id })).toMatchObject({
      key: 'SECRET_MAIN',
    })
    const [old] = swapped.furtherSecrets!
    const left = await workspace.call('applications.removeSecret', { ...ids, secretId: old!.id })
    expect(left.furtherSecrets).toBeUndefined()
    expect(secretOf(old!.secret)).toBeUndefined()
    expect(await workspace.problem('applications.removeSecret', { ...ids, secretId: old!.id })).toMatchObject({
      status: 404,
    })
  })

  it('are eleven at most, and go with it', async () => {
    const { application } = await create('service')
    const ids = { domainId, applicationId: application.id }
    for (let n = 0; n < 10; n++) await workspace.call('applications.addSecret', ids)
    const full = { key: 'SECRETS_TOO_MANY' }
    expect(await workspace.problem('applications.addSecret', ids)).toMatchObject(full)
    expect(await workspace.problem('applications.rotateSecret', { ...ids, overlapSeconds: 60 })).toMatchObject(full)
    const furtherSecrets = workspace.store.domains()[0]!.applications[0]!.furtherSecrets!
    await workspace.call('applications.delete', ids)
    expect(furtherSecrets.map(({ secret }) => secretOf(secret))).toEqual(Array(10).fill(undefined))
  })
})

it('a file that was written by hand is told of field by field, and the rest of it runs', async () => {
  await workspace.call('domains.saveScope', { domainId, scope: { key: 'read' } })
  await create('web', {
    redirectUris: ['https://app.example.com/'],
    scopeSettings: [{ scope: 'read', defaultScope: true }],
  })
  await edit((domain) =>
    Object.assign(domain.applications[0]!, {
      redirectUris: ['http://app.example.com/', 'https://app.example.com/'],
      grantTypes: ['authorization_code', 'authorization_code'],
      scopeSettings: [{ scope: 'gone', defaultScope: true }],
      signingAlgorithm: 'ES512',
      jwks: { keys: [{ kty: 'RSA' }] },
      tokenCustomClaims: [{ tokenType: 'ID_TOKEN', claimName: 'sub', claimValue: 'root' }],
      furtherSecrets: [{ id: 'x', secret: 'secret://gatehouse/application/nowhere/x', createdAt: '2020-01-01' }],
    }),
  )
  const { problems } = await workspace.call('workspace.get', {})
  expect(problems.map(({ field }) => field)).toEqual([
    '/applications/0/jwks/keys/0',
    '/applications/0/grantTypes/1',
    '/applications/0/redirectUris/0',
    '/applications/0/scopeSettings/0/scope',
    '/applications/0/signingAlgorithm',
    '/applications/0/tokenCustomClaims/0/claimName',
    '/applications/0/furtherSecrets/0/secret',
  ])
  for (const { file, message, remedy } of problems) {
    expect(file).toBe('domains/demo.json')
    expect(message).toMatch(/^Domain demo: application a web: /)
    expect(remedy).toBeTruthy()
  }
})

/** Edits the domain's file as an editor does, and waits until it is taken up. */
async function edit(change: (domain: Domain) => unknown): Promise<void> {
  const file = join(workspace.folder, 'domains', 'demo.json')
  const domain = JSON.parse(await readFile(file, 'utf8')) as Domain
  change(domain)
  const seen = new Promise<void>((resolve) => {
    const stop = workspace.management.onEvent((event) => {
      if (event.type !== 'workspace' || event.source !== 'outside') return
      stop()
      resolve()
    })
  })
  await writeFile(file, JSON.stringify(domain, null, 2))
  await seen
}
