import { scryptSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

let worker: Worker
let served: ServedFolder
let domainId: string
let client: { clientId: string; clientSecret: string }
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  domainId = (await served.now.call('domains.create', { name: 'Demo' })).id
  for (const key of ['openid', 'profile', 'full_profile', 'read']) {
    await served.now.call('domains.saveScope', { domainId, scope: { key } })
  }
  const { application, clientSecret } = await served.now.call('applications.create', {
    domainId,
    name: 'Shop',
    type: 'web',
    grantTypes: ['password'],
    scopeSettings: [
      ...['openid', 'profile'].map((scope) => ({ scope, defaultScope: true })),
      { scope: 'full_profile', defaultScope: false },
    ],
    enhanceScopesWithUserPermissions: true,
  })
  client = { clientId: application.clientId, clientSecret: clientSecret! }
})
afterEach(async () => {
  await served.close()
  expect(served.faults).toEqual([])
})

const call: ServedFolder['now']['call'] = (name, input) => served.now.call(name, input)
const post = async (path: string, fields: Record<string, string>) => {
  const { clientId, clientSecret } = client
  const response = await fetch(`${served.now.authorization}/demo${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams(fields),
  })
  return (await response.json()) as Record<string, unknown>
}
const logIn = (username: string, password: string, scope?: string) =>
  post('/oauth/token', { grant_type: 'password', username, password, ...(scope === undefined ? {} : { scope }) })
const isActive = async (token: unknown) => (await post('/oauth/introspect', { token: String(token) })).active
const newAda = (more: object = {}) =>
  call('users.create', { domainId, username: 'ada', password: 'correct horse', ...more })

describe('a user made here', () => {
  it('logs in at once with the password that was set, and with the one that was generated', async () => {
    const { user } = await newAda()
    expect(await logIn('ADA', 'correct horse')).toMatchObject({ access_token: expect.any(String) })
    const { password } = await call('users.setPassword', { domainId, userId: user.id })
    expect(await logIn('ada', 'correct horse')).toMatchObject({ error: 'invalid_grant' })
    expect(await logIn('ada', password!)).toMatchObject({ access_token: expect.any(String) })
    await call('users.removePassword', { domainId, userId: user.id })
    expect(await logIn('ada', password!)).toMatchObject({ error: 'invalid_grant' })
  })

  it('is locked, switched off and deleted at once, with the tokens that act for them', async () => {
    const { user } = await newAda()
    const userId = user.id
    const { access_token: token } = await logIn('ada', 'correct horse')
    expect(await isActive(token)).toBe(true)
    await call('users.lock', { domainId, userId })
    expect([await isActive(token), (await logIn('ada', 'correct horse')).error]).toEqual([false, 'invalid_grant'])
    await call('users.unlock', { domainId, userId })
    expect(await isActive(token)).toBe(true)
    await call('users.update', { domainId, userId, enabled: false })
    expect(await isActive(token)).toBe(false)
    await call('users.update', { domainId, userId, enabled: true })
    await call('users.delete', { domainId, userId })
    expect([await isActive(token), (await logIn('ada', 'correct horse')).error]).toEqual([false, 'invalid_grant'])
  })

  it('is blocked after too many wrong passwords, and let in again by hand or with a new password', async () => {
    const { user } = await newAda()
    const ids = { domainId, userId: user.id }
    await call('domains.update', { domainId, loginSettings: { maxLoginAttempts: 1 } })
    await logIn('ada', 'guessed wrong')
    expect(await logIn('ada', 'correct horse')).toMatchObject({ error: 'invalid_grant' })
    expect((await call('users.get', ids)).blockedUntil).toBeGreaterThan(Date.now())
    expect(await call('users.unlock', ids)).not.toHaveProperty('blockedUntil')
    expect(await logIn('ada', 'correct horse')).toHaveProperty('access_token')
    expect(await call('users.get', ids)).not.toHaveProperty('blockedUntil')

    await logIn('ada', 'guessed wrong')
    await call('users.setPassword', { ...ids, password: 'battery staple' })
    expect(await logIn('ada', 'battery staple')).toHaveProperty('access_token')
  })

  it('loses every token with the password, however it is changed (RFC 9700 §4.14.2), unless they are to be kept', async () => {
    const { user } = await newAda()
    await call('users.create', { domainId, username: 'grace', password: 'correct horse' })
    const ids = { domainId, userId: user.id }
    const tokenOf = async (username: string, password: string) =>
      (await logIn(username, password)).access_token as string
    const kept = await tokenOf('grace', 'correct horse')

    const first = await tokenOf('ada', 'correct horse')
    expect(await call('users.setPassword', { ...ids, password: 'battery staple', keepTokens: true })).toMatchObject({
      revoked: 0,
    })
    expect(await isActive(first)).toBe(true)
    expect(await call('users.setPassword', { ...ids, password: 'another staple' })).toMatchObject({ revoked: 1 })
    expect(await isActive(first)).toBe(false)

    const second = await tokenOf('ada', 'another staple')
    const content = 'username,password\nada,a third staple'
    expect(await call('users.import', { domainId, content, onRefused: 'stop' })).toMatchObject({ revoked: 1 })
    expect(await isActive(second)).toBe(false)

    const third = await tokenOf('ada', 'a third staple')
    expect(await call('users.removePassword', ids)).toMatchObject({ hasPassword: false, revoked: 1 })
    await call('users.setPassword', { ...ids, password: 'a third staple' })
    expect([await isActive(third), await isActive(kept)]).toEqual([false, true])

    const noted = await call('audit.list', { domainId, filter: { events: ['revocation'] } })
    expect(noted.map(({ sentence, username }) => [sentence, username])).toEqual([
      ['The password of ada was removed by hand: 1 grant was revoked with all tokens', 'ada'],
      ['An import changed passwords: 1 grant was revoked with all tokens', 'ada'],
      ['The password of ada was changed by hand: 1 grant was revoked with all tokens', 'ada'],
    ])
  })

  it('has claims and scopes as they are now: of the profile, the roles and the groups', async () => {
    const role = await call('roles.create', { domainId, name: 'Reader', oauthScopes: ['read'] })
    const group = await call('groups.create', { domainId, name: 'Staff', roles: [role.id] })
    await newAda({ firstName: 'Ada', lastName: 'King', groups: [group.id], additionalInformation: { locale: 'en-GB' } })
    const answer = await logIn('ada', 'correct horse')
    expect(String(answer.scope).split(' ').sort()).toEqual(['openid', 'profile', 'read'])
    const headers = { authorization: `Bearer ${String(answer.access_token)}` }
    const userinfo = () =>
      fetch(`${served.now.authorization}/demo/oidc/userinfo`, { headers }).then((each) => each.json())
    expect(await userinfo()).toMatchObject({ preferred_username: 'ada', name: 'Ada King', locale: 'en-GB' })
    const [user] = (await call('users.list', { domainId })).users
    await call('users.update', { domainId, userId: user!.id, displayName: 'Countess' })
    expect(await userinfo()).toMatchObject({ name: 'Countess' })
    await call('groups.removeMembers', { domainId, groupId: group.id, userIds: [user!.id] })
    expect(
      String((await logIn('ada', 'correct horse')).scope)
        .split(' ')
        .sort(),
    ).toEqual(['openid', 'profile'])
  })

  it('gets no claim by a file that is not a user’s to have', async () => {
    await newAda()
    const [domain] = served.now.store.domains()
    const additionalInformation = { sub: 'somebody else', roles: ['admin'], email: 'root@example.org', team: 'engines' }
    const users = domain!.users!.map((user) => ({ ...user, additionalInformation }))
    await served.now.store.saveDomain({ ...domain!, users })
    await call('domains.update', { domainId, description: 'so that it runs anew' })
    const { access_token: token } = await logIn('ada', 'correct horse', 'openid full_profile')
    const headers = { authorization: `Bearer ${String(token)}` }
    const response = await fetch(`${served.now.authorization}/demo/oidc/userinfo`, { headers })
    const claims = (await response.json()) as Record<string, unknown>
    expect(claims).toMatchObject({ sub: domain!.users![0]!.id, team: 'engines' })
    expect(claims).not.toHaveProperty('roles')
    expect(claims).not.toHaveProperty('email')
  })

  it('logs in after an import, also with a hash from elsewhere, and after a restart', async () => {
    const hash = '$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$' + scryptOf('battery staple', 'saltsaltsaltsalt')
    const content = ['username,password', 'ada,correct horse', `grace,"${hash}"`].join('\n')
    await call('users.import', { domainId, content, onRefused: 'stop' })
    await served.restart()
    expect(await logIn('ada', 'correct horse')).toHaveProperty('access_token')
    expect(await logIn('grace', 'battery staple')).toHaveProperty('access_token')
    expect(await logIn('grace', 'correct horse')).toMatchObject({ error: 'invalid_grant' })
  })

  it('who cannot log in is told why at the window, with the way to mend it', async () => {
    const { user } = await newAda()
    await call('users.removePassword', { domainId, userId: user.id })
    await logIn('ada', 'correct horse')
    await vi.waitFor(async () => {
      const [record] = await call('traffic.list', { limit: 1 })
      expect(record?.refusal).toMatchObject({
        key: 'USER_WITHOUT_PASSWORD',
        remedies: [{ action: 'open-user', domainPath: 'demo', userId: user.id }],
      })
    })
  })
})

function scryptOf(password: string, salt: string): string {
  const hash = scryptSync(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 })
  return hash.toString('base64').replace(/=+$/, '')
}
