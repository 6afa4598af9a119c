import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applicationKinds } from '@shared/application-kinds'
import type { ApplicationType, Domain } from '@shared/domain'
import { keyFits } from '@shared/signing-key'
import { describe, expect, it } from 'vitest'
import { withApplications, type Settings } from './applications/testing'

const { workspace, domainId, create, check, errorsOf } = withApplications()

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
    expect((await workspace().call('workspace.get', {})).problems).toEqual([])
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
    const { application } = await workspace().call('applications.create', { domainId: domainId(), name: 'orders' })
    expect(application).toMatchObject({ type: 'service', grantTypes: ['client_credentials'] })
  })

  it('keeps everything that it is given, and nothing that is so by default', async () => {
    await workspace().call('domains.saveScope', { domainId: domainId(), scope: { key: 'read' } })
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
    const asByDefault = await workspace().call('applications.update', {
      domainId: domainId(),
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
    await workspace().store.secrets.set({ [`application/${application.id}`]: 'x'.repeat(43) })
    const ids = { domainId: domainId(), applicationId: application.id }
    const change = (alg: 'HS256' | 'HS384' | 'HS512') =>
      workspace().management.run('applications.update', { ...ids, userinfoSignedResponseAlg: alg })
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
    await workspace().call('applications.rotateSecret', ids)
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
  await workspace().call('domains.saveScope', { domainId: domainId(), scope: { key: 'read' } })
  const { application } = await create('web', { redirectUris: ['https://app.example.com/'] })
  await edit((domain) => {
    domain.applications[0]!.redirectUris = ['http://app.example.com/', 'https://app.example.com/']
  })
  const update = (change: Settings) => ({ domainId: domainId(), applicationId: application.id, ...change })
  await workspace().call('applications.update', update({ enabled: false }))
  const worse = ['http://app.example.com/', 'http://other.example.com/']
  expect(await workspace().problem('applications.update', update({ redirectUris: worse }))).toMatchObject({
    errors: [{ field: '/redirectUris/1' }],
  })
  await workspace().call('applications.update', update({ redirectUris: ['https://app.example.com/'] }))
  expect((await workspace().call('workspace.get', {})).problems).toEqual([])
})

it('a file that was written by hand is told of field by field, and the rest of it runs', async () => {
  await workspace().call('domains.saveScope', { domainId: domainId(), scope: { key: 'read' } })
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
  const { problems } = await workspace().call('workspace.get', {})
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
  const file = join(workspace().folder, 'domains', 'demo.json')
  const domain = JSON.parse(await readFile(file, 'utf8')) as Domain
  change(domain)
  const seen = new Promise<void>((resolve) => {
    const stop = workspace().management.onEvent((event) => {
      if (event.type !== 'workspace' || event.source !== 'outside') return
      stop()
      resolve()
    })
  })
  await writeFile(file, JSON.stringify(domain, null, 2))
  await seen
}
