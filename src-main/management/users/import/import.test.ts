import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatehouseEvent } from '@shared/events'
import { formatPasswordHash } from '@shared/password-hash'
import type { ImportProgress } from '@shared/user-import'
import { openTestWorkspace, type TestWorkspace } from '../../testing'

let workspace: TestWorkspace
let domainId: string
const call: TestWorkspace['call'] = (name, input) => workspace.call(name, input)
beforeEach(async () => {
  workspace = await openTestWorkspace()
  domainId = (await call('domains.create', { name: 'Demo' })).id
})
afterEach(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

const lines = (...rows: string[]) => rows.join('\n')
const preview = (content: string, more: object = {}) => call('users.previewImport', { domainId, content, ...more })
const load = (content: string, more: object = {}) =>
  call('users.import', { domainId, content, onRefused: 'stop', ...more })
const usersOf = async () => (await call('users.list', { domainId })).users
const userOf = async (search: string) => (await call('users.list', { domainId, search })).users[0]!
const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
const someHash = () =>
  formatPasswordHash({ logN: 15, r: 8, p: 1, salt: unpadded(randomBytes(16)), hash: unpadded(randomBytes(32)) })

/** The progress that is told from now on. */
function progress(): ImportProgress[] {
  const told: ImportProgress[] = []
  workspace.management.onEvent((event: GatehouseEvent) => {
    if (event.type === 'user-import') told.push(event.progress)
  })
  return told
}

describe('a CSV file', () => {
  it('becomes users: its columns are fields, and every other one a claim', async () => {
    const role = await call('roles.create', { domainId, name: 'Reader' })
    const group = await call('groups.create', { domainId, name: 'Staff' })
    const file = lines(
      'username,password,email,email_verified,firstName,given_name2,lastName,displayName,roles,groups,address.locality,locale,phone_number_verified',
      'ada, correct horse ,ada@example.org,yes,Ada,x,Lovelace,"King, Ada",Reader,"Staff; Crew",London,en-GB,false',
      'grace,,,,,,,,,,,,',
    )
    expect(await preview(file, { createMissing: true })).toEqual({
      ...{ format: 'csv', created: 2, changed: 0, unchanged: 0, refusedRows: 0, refused: [] },
      ...{ passwordsToHash: 1, hashesTaken: 0, estimatedSeconds: expect.any(Number) },
      ...{ claims: ['address', 'given_name2', 'locale', 'phone_number_verified'], ignored: [] },
      ...{ missingRoles: [], missingGroups: ['Crew'] },
    })
    expect(await usersOf()).toEqual([])
    expect(await load(file, { createMissing: true })).toEqual({
      ...{
        created: 2,
        changed: 0,
        unchanged: 0,
        refusedRows: 0,
        createdRoles: [],
        createdGroups: ['Crew'],
        revoked: 0,
      },
    })
    const crew = (await call('groups.list', { domainId })).find(({ name }) => name === 'Crew')!
    expect(await userOf('ada')).toMatchObject({
      ...{ username: 'ada', email: 'ada@example.org', emailVerified: true, firstName: 'Ada', lastName: 'Lovelace' },
      ...{ displayName: 'King, Ada', roles: [role.id], groups: [group.id, crew.id], hasPassword: true, enabled: true },
      additionalInformation: {
        ...{ address: { locality: 'London' }, given_name2: 'x', locale: 'en-GB', phone_number_verified: false },
      },
    })
    expect(await userOf('grace')).toMatchObject({ hasPassword: false, groups: [] })
  })

  it('changes users who are there in what it tells, and leaves the rest of them', async () => {
    await load(lines('username,email,firstName,department', 'ada,ada@example.org,Ada,engines', 'grace,,Grace,navy'))
    const again = lines('username,email,firstName,team', 'ADA,,Augusta,', 'grace,,Grace,')
    expect(await preview(again)).toMatchObject({ created: 0, changed: 1, unchanged: 1 })
    const before = await userOf('grace')
    expect(await load(again)).toMatchObject({ created: 0, changed: 1, unchanged: 1 })
    expect(await userOf('ada')).toMatchObject({
      ...{ username: 'ada', email: 'ada@example.org', firstName: 'Augusta' },
      additionalInformation: { department: 'engines' },
    })
    expect(await userOf('grace')).toEqual(before)
  })

  it('moves users between groups as it tells', async () => {
    await load(lines('username,groups', 'ada,Staff', 'grace,"Staff,Crew"'), { createMissing: true })
    expect(await load(lines('username,groups', 'ada,Crew', 'grace,Crew;Staff'))).toMatchObject({
      changed: 1,
      unchanged: 1,
    })
    const groups = await call('groups.list', { domainId })
    expect(groups.map(({ name, memberCount }) => [name, memberCount]).sort()).toEqual([
      ['Crew', 2],
      ['Staff', 1],
    ])
  })

  it('is refused row by row, with line, column and reason', async () => {
    const file = lines(
      'username,password,email,birthdate,roles,enabled',
      'ada,short,,,,',
      'grace,,nobody,10.12.1815,,',
      '"li',
      'ne",,,,,',
      'alan,,,,Nobody,',
      'Alan,,,,,',
      ',,,,,',
      'edsger,,,,,perhaps',
      'donald,,',
      'barbara,,,x"y,,',
      'good,,,,,true',
      `hashed,$2b$12$${'a'.repeat(53)},,,,`,
    )
    const told = await preview(file)
    expect(told).toMatchObject({ created: 1, refusedRows: 10 })
    expect(told.refused.map(({ line, field, username = '', message }) => [line, username, field, message])).toEqual([
      [2, 'ada', 'password', 'A password has at least 8 characters; this one has 5'],
      [3, 'grace', 'email', 'nobody is not an e-mail address: it has no @'],
      [3, 'grace', 'birthdate', 'The claim birthdate is a date as YYYY-MM-DD, or a year (OpenID Connect Core §5.1)'],
      [4, 'li\nne', 'username', 'The username holds control characters'],
      [6, 'alan', 'roles', 'The domain has no role Nobody'],
      [7, 'Alan', 'username', 'Alan stands in line 6 already'],
      [8, '', 'username', 'A user needs a name to log in with'],
      [9, 'edsger', 'enabled', 'perhaps is neither true nor false'],
      [10, 'donald', '', 'The row has 3 cells, and the header names 6'],
      [11, 'barbara', '', 'A quote stands in a cell that is not quoted'],
      [13, 'hashed', 'password', 'The password is a hash that Gatehouse does not know'],
    ])
    for (const { remedy } of told.refused) expect(remedy).not.toBe('')
    expect(JSON.stringify(told)).not.toContain('short,')

    const stopped = await workspace.problem('users.import', { domainId, content: file, onRefused: 'stop' })
    expect(stopped).toMatchObject({ key: 'IMPORT_REFUSED', status: 409 })
    expect(stopped.errors?.[0]).toMatchObject({
      field: '/content',
      message: expect.stringMatching(/^Line 2, password: /),
    })
    expect(await usersOf()).toEqual([])
    expect(await load(file, { onRefused: 'skip' })).toMatchObject({ created: 1, refusedRows: 10 })
    expect((await usersOf()).map(({ username }) => username)).toEqual(['good'])
  })

  it.each([
    ['is empty', '', /is empty/],
    ['has a header alone', 'username,email\n', /no users/],
    ['names no username', 'name,email\nada,x@y', /no column username/],
    ['names a column twice', 'username,email,Email\nada,x@y,z@y', /Two columns are email/],
    ['has a column without a name', 'username,,email\nada,x,x@y', /Column 2 has no name/],
    ['is not UTF-8', 'username\nZo\uFFFD', /not UTF-8/],
    ['is a picture', 'username\u0000', /not UTF-8/],
  ])('that %s is refused as a whole', async (_what, content, message) => {
    for (const name of ['users.previewImport', 'users.import'] as const) {
      const input = { domainId, content, ...(name === 'users.import' ? { onRefused: 'skip' } : {}) }
      expect(await workspace.problem(name, input)).toMatchObject({
        key: 'INPUT_INVALID',
        errors: [{ field: '/content', message: expect.stringMatching(message), remedy: expect.any(String) }],
      })
    }
  })
})

describe('a JSON file', () => {
  it('is a list of users as ours', async () => {
    const ada = {
      username: 'ada',
      emailVerified: true,
      email: 'ada@example.org',
      locale: 'en',
      additionalInformation: { team: 1 },
    }
    await load(JSON.stringify([ada, { username: 'grace', enabled: false, accountNonLocked: false }]))
    expect(await userOf('ada')).toMatchObject({ emailVerified: true, additionalInformation: { locale: 'en', team: 1 } })
    expect(await userOf('grace')).toMatchObject({ enabled: false, accountNonLocked: false })
  })

  it('may come from Access Management', async () => {
    await call('roles.create', { domainId, name: 'Reader' })
    const page = {
      currentPage: 0,
      totalCount: 1,
      data: [
        {
          ...{ id: '5f1', referenceType: 'DOMAIN', username: 'ada', email: null, nickName: 'Countess', loginsCount: 3 },
          ...{
            accountNonLocked: true,
            enabled: true,
            roles: ['9a2'],
            rolesPermissions: [{ id: '9a2', name: 'Reader' }],
          },
          additionalInformation: { sub: '5f1', given_name: 'Ada', email: 'ada@example.org', department: 'engines' },
        },
      ],
    }
    const told = await preview(JSON.stringify(page))
    expect(told).toMatchObject({ created: 1, refusedRows: 0, claims: ['department', 'nickname'] })
    expect(told.ignored).toEqual(['additionalInformation.sub', 'id', 'loginsCount', 'referenceType'])
    await load(JSON.stringify(page))
    const ada = await userOf('ada')
    expect(ada).toMatchObject({ firstName: 'Ada', email: 'ada@example.org', roles: [expect.any(String)] })
    expect(ada.additionalInformation).toEqual({ nickname: 'Countess', department: 'engines' })
  })

  it('may be a list of SCIM users (RFC 7643 §4.1)', async () => {
    const resource = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      ...{ id: '2819', userName: 'bjensen', active: false, timezone: 'America/Los_Angeles', locale: 'en-US' },
      name: { formatted: 'Ms. Barbara J Jensen', familyName: 'Jensen', givenName: 'Barbara', middleName: 'Jane' },
      emails: [{ value: 'babs@example.org' }, { value: 'bjensen@example.com', primary: true }],
      phoneNumbers: [{ value: 'tel:+1-201-555-0123', type: 'work' }],
      addresses: [
        { streetAddress: '100 Universal City Plaza', locality: 'Hollywood', postalCode: '91608', type: 'work' },
      ],
      groups: [{ value: 'e9e3', display: 'Tour Guides' }],
    }
    const content = JSON.stringify({ totalResults: 1, Resources: [resource] })
    expect(await preview(content, { createMissing: true })).toMatchObject({ created: 1, ignored: ['id'] })
    await load(content, { createMissing: true })
    expect(await userOf('bjensen')).toMatchObject({
      ...{ email: 'bjensen@example.com', firstName: 'Barbara', lastName: 'Jensen', enabled: false },
      displayName: 'Ms. Barbara J Jensen',
      additionalInformation: {
        ...{ middle_name: 'Jane', phone_number: '+1-201-555-0123', zoneinfo: 'America/Los_Angeles', locale: 'en-US' },
        address: { street_address: '100 Universal City Plaza', locality: 'Hollywood', postal_code: '91608' },
      },
    })
    expect(await call('groups.list', { domainId })).toMatchObject([{ name: 'Tour Guides', memberCount: 1 }])
  })

  it('is refused user by user, with line, member and reason', async () => {
    const content = `{ "users": [
  { "username": 7 },
  {
    "username": "ada", "enabled": "yes", "roles": "Reader", "email": true
  }, "grace",
  { "username": "alan", "additionalInformation": { "website": "x", "iss": "y" }, "__proto__": 1 }
] }`
    const told = await preview(content)
    expect(told.refused.map(({ line, field, message }) => [line, field, message])).toEqual([
      [2, 'username', 'username is not a text'],
      [3, 'enabled', 'enabled is neither true nor false'],
      [3, 'roles', 'roles is not a list of names'],
      [3, 'email', 'email is not a text'],
      [5, '', 'The entry is not an object'],
      [6, 'website', expect.stringContaining('begins with http')],
    ])
    expect(told.ignored).toEqual(['__proto__', 'additionalInformation.iss'])
  })

  it.each([
    ['is broken', '[{ "username": "ada" },\n  { "username": }]', /not JSON in line 2, column 17/],
    ['holds no list', '{ "people": [] }', /no list of users/],
    ['is an empty list', '[]', /no users/],
  ])('that %s is refused as a whole', async (_what, content, message) => {
    const { errors } = await workspace.problem('users.previewImport', { domainId, content })
    expect(errors).toMatchObject([{ field: '/content', message: expect.stringMatching(message) }])
  })
})

describe('an import of passwords', () => {
  it('takes hashes of ours as they are, and hashes the others', async () => {
    const hash = someHash()
    const file = lines('username,password', `ada,"${hash}"`, 'grace,correct horse')
    expect(await preview(file)).toMatchObject({ passwordsToHash: 1, hashesTaken: 1 })
    await load(file)
    expect(await preview(file), 'the same hash again').toMatchObject({ changed: 1, unchanged: 1, hashesTaken: 0 })
    const sealed = async (name: string) => workspace.store.secrets.get(`user/${(await userOf(name)).id}`)
    expect(await sealed('ada')).toBe(hash)
    expect(await sealed('grace')).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/)
  })

  it('tells how far it is, and everything else goes on meanwhile', async () => {
    const told = progress()
    const importing = load(
      lines('username,password', ...Array.from({ length: 12 }, (_, n) => `user${n},correct horse ${n}`)),
    )
    await call('users.create', { domainId, username: 'ada' })
    expect((await usersOf()).map(({ username }) => username)).toEqual(['ada'])
    await vi.waitFor(() => expect(told.some(({ hashed }) => hashed > 0)).toBe(true), { timeout: 10_000 })
    const running = await call('users.importProgress', { domainId })
    expect(running.progress).toMatchObject({ domainId, passwordsToHash: 12 })
    expect(
      await workspace.problem('users.import', { domainId, content: 'username\nx', onRefused: 'stop' }),
    ).toMatchObject({ key: 'IMPORT_RUNNING' })
    const result = await importing
    expect(await usersOf()).toHaveLength(13)
    expect(told[0]).toEqual({ domainId, state: 'hashing', hashed: 0, passwordsToHash: 12 })
    expect(told.at(-2)).toMatchObject({ state: 'saving', hashed: 12 })
    expect(told.at(-1)).toEqual({ domainId, state: 'done', hashed: 12, passwordsToHash: 12, result })
    expect((await call('users.importProgress', { domainId })).progress).toEqual(told.at(-1))
  })

  it('is cancelled with nothing saved', async () => {
    const told = progress()
    const content = lines('username,password', ...Array.from({ length: 40 }, (_, n) => `user${n},correct horse ${n}`))
    const importing = workspace.problem('users.import', { domainId, content, onRefused: 'stop' })
    await vi.waitFor(() => expect(told.some(({ hashed }) => hashed > 0)).toBe(true), { timeout: 10_000 })
    await call('users.cancelImport', { domainId })
    expect(await importing).toMatchObject({ key: 'IMPORT_CANCELLED' })
    expect(await usersOf()).toEqual([])
    expect(told.at(-1)).toMatchObject({ state: 'cancelled', problem: { key: 'IMPORT_CANCELLED' } })
    await load('username\nada')
    expect(await usersOf()).toHaveLength(1)
  })

  it('counts the domain as it is when it is saved, not as it was when it began', async () => {
    const told = progress()
    const content = lines(
      'username,roles,password',
      ...Array.from({ length: 12 }, (_, n) => `user${n},Reader,correct horse`),
    )
    const role = await call('roles.create', { domainId, name: 'Reader' })
    const importing = workspace.problem('users.import', { domainId, content, onRefused: 'stop' })
    await vi.waitFor(() => expect(told.some(({ hashed }) => hashed > 0)).toBe(true), { timeout: 10_000 })
    await call('roles.delete', { domainId, roleId: role.id })
    expect(await importing).toMatchObject({ key: 'IMPORT_REFUSED' })
    expect(await usersOf()).toEqual([])
  })
})
