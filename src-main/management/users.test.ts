import { scryptSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parsePasswordHash } from '@shared/password-hash'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
let domainId: string
const call: TestWorkspace['call'] = (name, input) => workspace.call(name, input)
const problem: TestWorkspace['problem'] = (name, input) => workspace.problem(name, input)
beforeEach(async () => {
  workspace = await openTestWorkspace()
  domainId = (await call('domains.create', { name: 'Demo' })).id
  await call('domains.saveScope', { domainId, scope: { key: 'read' } })
  await call('domains.saveScope', { domainId, scope: { key: 'write' } })
})
afterEach(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

const ada = async (more: object = {}) => (await call('users.create', { domainId, username: 'ada', ...more })).user

/** Whether the sealed hash is that of the password. */
function verifies(userId: string, password: string): boolean {
  const sealed = workspace.store.secrets.get(`user/${userId}`)
  const parsed = sealed === undefined ? undefined : parsePasswordHash(sealed)
  if (parsed === undefined) return false
  const { logN, r, p, salt, hash } = parsed
  const N = 2 ** logN
  const again = scryptSync(password, Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r })
  return again.equals(Buffer.from(hash, 'base64'))
}

const claims = (additionalInformation: object) => ({ additionalInformation })
const claim = (name: string) => `/additionalInformation/${name}`
const PROTO = '{"additionalInformation":{"__proto__":"x"}}'

async function filesOf(): Promise<string> {
  return await readFile(join(workspace.folder, 'domains/demo.json'), 'utf8')
}

describe('a user', () => {
  it('is created with a profile, and is there after the workspace is read anew', async () => {
    const user = await ada({
      email: ' ada@example.org ',
      emailVerified: true,
      firstName: 'Ada',
      lastName: '',
      additionalInformation: { locale: 'en_GB', department: 'engines', address: { locality: 'London' } },
    })
    expect(user).toEqual({
      id: expect.any(String),
      username: 'ada',
      enabled: true,
      email: 'ada@example.org',
      emailVerified: true,
      firstName: 'Ada',
      additionalInformation: { locale: 'en_GB', department: 'engines', address: { locality: 'London' } },
      hasPassword: false,
      groups: [],
      scopes: [],
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    expect(JSON.parse(await filesOf())).toMatchObject({ users: [{ id: user.id, email: 'ada@example.org' }] })
    expect(await call('users.get', { domainId, userId: user.id })).toEqual(user)
  })

  it('is changed field by field; an empty text removes what was there', async () => {
    const { id: userId } = await ada({ email: 'ada@example.org', emailVerified: true, firstName: 'Ada' })
    const changed = await call('users.update', { domainId, userId, firstName: '', lastName: 'Lovelace' })
    expect(changed).toMatchObject({ lastName: 'Lovelace', email: 'ada@example.org', emailVerified: true })
    expect(changed).not.toHaveProperty('firstName')
    const moved = await call('users.update', { domainId, userId, email: 'countess@example.org' })
    expect(moved, 'another address is not verified').not.toHaveProperty('emailVerified')
    const without = await call('users.update', { domainId, userId, email: '', additionalInformation: {} })
    expect(without).not.toHaveProperty('email')
  })

  it('has a name that no other user has, whatever its capitals', async () => {
    await ada()
    await call('users.create', { domainId, username: 'Zoë' })
    expect(await problem('users.create', { domainId, username: ' ADA ' })).toMatchObject({
      key: 'INPUT_INVALID',
      errors: [{ field: '/username', message: 'The domain Demo has a user called ada already' }],
    })
    const composed = await problem('users.create', { domainId, username: 'Zoe\u0308' })
    expect(composed.errors).toMatchObject([{ field: '/username' }])
    const { user } = await call('users.create', { domainId, username: 'grace' })
    const renamed = { domainId, userId: user.id, username: 'Ada' }
    expect((await problem('users.update', renamed)).errors).toMatchObject([{ field: '/username' }])
    await call('users.update', { ...renamed, username: 'Grace' })
    const other = await call('domains.create', { name: 'Other' })
    await call('users.create', { domainId: other.id, username: 'ada' })
  })

  it('of a file that holds a name twice keeps it, and the second is told and left out', async () => {
    await ada()
    const [domain] = workspace.store.domains()
    const twice = { ...domain!.users![0]!, id: 'second', username: 'Ada' }
    await workspace.store.saveDomain({ ...domain!, users: [...domain!.users!, twice] })
    await call('domains.update', { domainId, description: 'so that it runs anew' })
    const { problems } = await call('workspace.get', {})
    expect(problems).toMatchObject([{ file: 'domains/demo.json', field: '/users/1/username' }])
  })

  it.each([
    ['a name of spaces', { username: '  ' }, '/username', /spaces/],
    ['a name with a control character', { username: 'a\u0000' }, '/username', /control/],
    ['a name too long', { username: 'a'.repeat(256) }, '/username', /at most 255/],
    ['an e-mail address without @', { email: 'nobody' }, '/email', /it has no @/],
    ['an e-mail address of two words', { email: 'two words@example.org' }, '/email', /not an e-mail/],
    ['a claim of the token', claims({ sub: 'x' }), claim('sub'), /of itself or of the login/],
    ['a claim that a field makes', claims({ given_name: 'x' }), claim('given_name'), /from the first name/],
    ['a claim that its roles make', claims({ roles: ['admin'] }), claim('roles'), /made from the roles/],
    ['a claim whose name nobody would find', claims({ ' x': 'x' }), claim(' x'), /cannot be called/],
    ['a claim that would change its object', JSON.parse(PROTO), claim('__proto__'), /cannot be called/],
    ['a birthday that there is not', claims({ birthdate: '1815-02-30' }), claim('birthdate'), /YYYY-MM-DD/],
    ['a time zone that there is not', claims({ zoneinfo: 'Mars/Phobos' }), claim('zoneinfo'), /time zone/],
    ['a website that is a script', claims({ website: 'javascript:alert(1)' }), claim('website'), /https/],
    ['a truth that is a text', claims({ phone_number_verified: 'yes' }), claim('phone_number_verified'), /true/],
    ['an address of other members', claims({ address: { street: 'x' } }), claim('address'), /street_address/],
    ['a claim too long for tokens', claims({ note: 'x'.repeat(5000) }), claim('note'), /longer than 4096/],
    ['a role that there is not', { roles: ['nobody'] }, '/roles/0', /no role/],
    ['a group that there is not', { groups: ['nobody'] }, '/groups/0', /no group/],
    ['a password too short', { password: 'short' }, '/password', /at least 8 characters; this one has 5/],
    ['a password too long', { password: 'ü'.repeat(513) }, '/password', /at most 1024 bytes; this one has 1026/],
    ['the username as password', { username: 'Ada.King', password: 'ada.KING' }, '/password', /is the username/],
  ])('with %s is refused', async (_what, input: object, field, message) => {
    const { key, errors } = await problem('users.create', { domainId, username: 'ada', ...input })
    expect(key).toBe('INPUT_INVALID')
    expect(errors).toMatchObject([{ field, message: expect.stringMatching(message), remedy: expect.any(String) }])
    expect((await call('users.list', { domainId })).total).toBe(0)
  })

  it('is told of every field that is not right at once', async () => {
    const input = { domainId, username: 'ada', email: 'x', password: 'x', additionalInformation: { iss: 1 } }
    const { errors } = await problem('users.create', input)
    expect(errors?.map(({ field }) => field)).toEqual(['/email', '/additionalInformation/iss', '/password'])
  })

  it('is deleted with the password and every membership', async () => {
    const group = await call('groups.create', { domainId, name: 'Staff' })
    const { id: userId } = await ada({ password: 'correct horse', groups: [group.id] })
    expect((await call('groups.list', { domainId }))[0]).toMatchObject({ memberCount: 1 })
    await call('users.delete', { domainId, userId })
    expect(await problem('users.get', { domainId, userId })).toMatchObject({ key: 'USER_NOT_FOUND', status: 404 })
    expect((await call('groups.list', { domainId }))[0]).toMatchObject({ memberCount: 0 })
    expect(workspace.store.secrets.get(`user/${userId}`)).toBeUndefined()
    expect(await readFile(join(workspace.folder, 'secrets.enc'), 'utf8')).not.toContain(userId)
  })
})

describe('a password', () => {
  it('is hashed, sealed, and never in a document or an answer', async () => {
    const user = await ada({ password: 'correct horse' })
    expect(user).toMatchObject({ hasPassword: true })
    expect(verifies(user.id, 'correct horse')).toBe(true)
    const hash = workspace.store.secrets.get(`user/${user.id}`)!
    const answers = await Promise.all([
      call('users.list', { domainId }),
      call('users.get', { domainId, userId: user.id }),
      call('domains.list', {}),
      call('users.update', { domainId, userId: user.id, firstName: 'Ada' }),
      filesOf(),
      readFile(join(workspace.folder, 'secrets.enc'), 'utf8'),
    ])
    for (const text of [JSON.stringify(answers), JSON.stringify(user)]) {
      expect(text).not.toContain('correct horse')
      expect(text).not.toContain(hash.split('$').at(-1))
    }
  })

  it('counts the same however its letters were composed (RFC 8265 §4.2)', async () => {
    const { id } = await ada({ password: 'Zoe\u0308 and Ame\u0301lie' })
    expect(verifies(id, 'Zoë and Amélie')).toBe(true)
  })

  it('is generated and answered once', async () => {
    const { user, password } = await call('users.create', { domainId, username: 'ada', generatePassword: true })
    expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    expect(verifies(user.id, password!)).toBe(true)
    const again = await call('users.setPassword', { domainId, userId: user.id })
    expect(again.password).not.toBe(password)
    expect([verifies(user.id, password!), verifies(user.id, again.password!)]).toEqual([false, true])
    expect(
      await problem('users.create', { domainId, username: 'x', password: 'correct horse', generatePassword: true }),
    ).toMatchObject({ key: 'TWO_PASSWORDS' })
  })

  it('is set, and removed so that nobody can log in with it', async () => {
    const { id: userId } = await ada()
    const set = await call('users.setPassword', { domainId, userId, password: 'correct horse' })
    expect(set).toEqual({ user: expect.objectContaining({ hasPassword: true }) })
    const bad = await problem('users.setPassword', { domainId, userId, password: 'Ada' })
    expect(bad.errors).toMatchObject([{ field: '/password' }])
    expect(verifies(userId, 'correct horse')).toBe(true)
    const removed = await call('users.removePassword', { domainId, userId })
    expect(removed).toMatchObject({ hasPassword: false })
    // No engine runs here: the tokens stay, and nobody says that they were revoked.
    expect(removed.revoked).toBeUndefined()
    expect(workspace.store.secrets.get(`user/${userId}`)).toBeUndefined()
  })

  it('that is being hashed keeps no other change from being saved', async () => {
    const { id: userId } = await ada()
    const order: string[] = []
    await Promise.all([
      call('users.setPassword', { domainId, userId, password: 'correct horse' }).then(() => order.push('password')),
      call('users.lock', { domainId, userId }).then(() => order.push('lock')),
    ])
    expect(order).toEqual(['lock', 'password'])
    expect(await call('users.get', { domainId, userId })).toMatchObject({ accountNonLocked: false, hasPassword: true })
  })
})

describe('whether a user may log in', () => {
  it('is locked and unlocked by hand, and switched off and on', async () => {
    const { id: userId } = await ada({ password: 'correct horse' })
    expect(await call('users.lock', { domainId, userId })).toMatchObject({ accountNonLocked: false })
    expect(await call('users.unlock', { domainId, userId })).not.toHaveProperty('accountNonLocked')
    expect(await call('users.update', { domainId, userId, enabled: false })).toMatchObject({ enabled: false })
  })
})

describe('the list of users', () => {
  beforeEach(async () => {
    for (const username of ['user10', 'user2', 'Zoë']) await call('users.create', { domainId, username })
    await ada({ email: 'countess@example.org', firstName: 'Augusta', lastName: 'King', password: 'correct horse' })
  })
  const names = async (wanted: object) =>
    (await call('users.list', { domainId, ...wanted })).users.map(({ username }) => username)

  it('is by name, and comes in pages', async () => {
    expect(await names({})).toEqual(['ada', 'user2', 'user10', 'Zoë'])
    expect(await call('users.list', { domainId, offset: 1, limit: 2 })).toMatchObject({
      users: [{ username: 'user2' }, { username: 'user10' }],
      total: 4,
    })
  })

  it('is searched by name, e-mail address and id, a word at a time', async () => {
    const [user] = (await call('users.list', { domainId })).users
    for (const search of ['COUNTESS', 'king augusta', 'ada', user!.id]) expect(await names({ search })).toEqual(['ada'])
    expect(await names({ search: 'USER' })).toEqual(['user2', 'user10'])
    expect(await names({ search: 'nobody at all' })).toEqual([])
  })

  it('is narrowed to a status, a role and a group', async () => {
    const [first, second] = (await call('users.list', { domainId, search: 'user' })).users
    const role = await call('roles.create', { domainId, name: 'Reader' })
    const group = await call('groups.create', { domainId, name: 'Staff' })
    await call('users.update', { domainId, userId: first!.id, roles: [role.id] })
    await call('groups.addMembers', { domainId, groupId: group.id, userIds: [second!.id] })
    await call('users.lock', { domainId, userId: first!.id })
    await call('users.update', { domainId, userId: second!.id, enabled: false })
    expect(await names({ roleId: role.id })).toEqual(['user2'])
    expect(await names({ groupId: group.id })).toEqual(['user10'])
    expect(await names({ status: 'active' })).toEqual(['ada'])
    expect(await names({ status: 'no-password' })).toEqual(['Zoë'])
    expect(await names({ status: 'locked' })).toEqual(['user2'])
    expect(await names({ status: 'disabled' })).toEqual(['user10'])
  })
})

describe('roles and groups', () => {
  it('give a user scopes, each once, until they are gone', async () => {
    const reader = await call('roles.create', { domainId, name: 'Reader', oauthScopes: ['read'] })
    const writer = await call('roles.create', { domainId, name: 'Writer', oauthScopes: ['read', 'write'] })
    const group = await call('groups.create', { domainId, name: 'Staff', roles: [writer.id] })
    const { id: userId } = await ada({ roles: [reader.id], groups: [group.id] })
    const scopes = async () => (await call('users.get', { domainId, userId })).scopes
    expect(await scopes()).toEqual(['read', 'write'])
    expect(await call('roles.list', { domainId })).toMatchObject([
      { name: 'Reader', userCount: 1, groupCount: 0 },
      { name: 'Writer', userCount: 0, groupCount: 1 },
    ])
    await call('groups.update', { domainId, groupId: group.id, roles: [] })
    expect(await scopes()).toEqual(['read'])
    await call('groups.update', { domainId, groupId: group.id, roles: [writer.id] })
    await call('domains.removeScope', { domainId, key: 'read' })
    expect(await scopes()).toEqual(['write'])
    await call('roles.delete', { domainId, roleId: writer.id })
    expect(await scopes()).toEqual([])
    expect(await call('groups.list', { domainId })).toMatchObject([{ roles: [], memberCount: 1 }])
    await call('groups.delete', { domainId, groupId: group.id })
    expect(await call('users.get', { domainId, userId })).toMatchObject({ groups: [], roles: [reader.id] })
    await call('roles.delete', { domainId, roleId: reader.id })
    expect(await call('users.get', { domainId, userId })).not.toHaveProperty('roles', [reader.id])
  })

  it('are changed, and members come and go', async () => {
    const group = await call('groups.create', { domainId, name: ' Staff ', description: 'All of us' })
    const ids = { domainId, groupId: group.id }
    expect(group).toEqual({ id: group.id, name: 'Staff', description: 'All of us', roles: [], memberCount: 0 })
    expect(await call('groups.update', { ...ids, name: 'Crew', description: '' })).toEqual({
      ...{ id: group.id, name: 'Crew', roles: [], memberCount: 0 },
    })
    const { id: userId } = await ada()
    await call('groups.addMembers', { ...ids, userIds: [userId] })
    expect(await call('groups.addMembers', { ...ids, userIds: [userId] })).toMatchObject({ memberCount: 1 })
    expect(await call('groups.removeMembers', { ...ids, userIds: [userId] })).toMatchObject({ memberCount: 0 })
    await call('users.update', { domainId, userId, groups: [group.id] })
    expect((await call('users.update', { domainId, userId, groups: [] })).groups).toEqual([])
    const role = await call('roles.create', { domainId, name: 'Reader', description: 'Reads', oauthScopes: ['read'] })
    expect(await call('roles.update', { domainId, roleId: role.id, oauthScopes: [] })).toEqual({
      ...{ id: role.id, name: 'Reader', description: 'Reads', oauthScopes: [], userCount: 0, groupCount: 0 },
    })
  })

  it('that are not right are refused with their field', async () => {
    const role = await call('roles.create', { domainId, name: 'Reader' })
    const group = await call('groups.create', { domainId, name: 'Staff' })
    const refused: [Parameters<typeof problem>[0], object, string][] = [
      ['roles.create', { name: 'Reader' }, '/name'],
      ['roles.create', { name: ' ' }, '/name'],
      ['roles.create', { name: 'Other', oauthScopes: ['read', 'nothing'] }, '/oauthScopes/1'],
      ['roles.update', { roleId: role.id, oauthScopes: ['read', 'read'] }, '/oauthScopes/1'],
      ['groups.create', { name: 'Staff' }, '/name'],
      ['groups.create', { name: 'Other', roles: ['nobody'] }, '/roles/0'],
      ['groups.update', { groupId: group.id, roles: [role.id, role.id] }, '/roles/1'],
      ['groups.addMembers', { groupId: group.id, userIds: ['nobody'] }, '/userIds/0'],
    ]
    for (const [name, input, field] of refused)
      expect((await problem(name, { domainId, ...input })).errors, `${name} ${field}`).toMatchObject([{ field }])
  })
})

it('a domain is deleted with the passwords of its users, and answered without its users', async () => {
  const { id } = await ada({ password: 'correct horse' })
  expect(await call('domains.get', { domainId })).toMatchObject({ userCount: 1, groupCount: 0 })
  expect(await call('domains.get', { domainId })).not.toHaveProperty('users')
  await call('domains.delete', { domainId, confirmName: 'Demo' })
  expect(workspace.store.secrets.get(`user/${id}`)).toBeUndefined()
})
