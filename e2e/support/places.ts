import type { Page } from '@playwright/test'
import { goTo } from './appearance'
import { call } from './bridge'

/** A page, tab or dialog of the window. */
export interface Place {
  readonly name: string
  readonly place: string
  /** Opens what has no address of its own. */
  readonly open?: (page: Page) => Promise<void>
}

/** Every page and tab of the window, by what it shows and where it is, as the workspace stands. */
export async function everyPage(page: Page): Promise<readonly Place[]> {
  const { domain, application, site, userId, apiId, dictionaryId } = await subjects(page)
  const ofDomain = ['applications', 'users', 'scopes', 'keys', 'tokens', 'audit', 'settings']
  const ofApi = [
    'overview',
    'policies',
    'resources',
    'plans',
    'subscriptions',
    'endpoints',
    'properties',
    'responses',
    'deployments',
    'settings',
  ]
  return [
    { name: 'overview', place: '/' },
    { name: 'domains', place: '/domains' },
    ...(domain ? ofDomain.map((tab) => ({ name: `domain ${tab}`, place: `/domains/${domain.id}/${tab}` })) : []),
    ...(domain && application
      ? [
          { name: 'application', place: `/domains/${domain.id}/applications/${application.id}` },
          ...['oauth', 'scopes', 'tokens', 'settings'].map((tab) => ({
            name: `application ${tab}`,
            place: `/domains/${domain.id}/applications/${application.id}/${tab}`,
          })),
        ]
      : []),
    ...(domain && site
      ? ['overview', 'oauth', 'scopes', 'tokens'].map((tab) => ({
          name: `site ${tab}`,
          place: `/domains/${domain.id}/applications/${site.id}/${tab}`,
        }))
      : []),
    ...(domain && site ? [{ name: 'try', place: `/domains/${domain.id}/applications/${site.id}/try` }] : []),
    ...(domain
      ? ['roles', 'groups'].map((section) => ({
          name: `domain ${section}`,
          place: `/domains/${domain.id}/users?section=${section}`,
        }))
      : []),
    ...(domain && userId
      ? ['profile', 'logins'].map((tab) => ({
          name: `user ${tab}`,
          place: `/domains/${domain.id}/users/${userId}/${tab}`,
        }))
      : []),
    { name: 'apis', place: '/apis' },
    ...(apiId ? ofApi.map((tab) => ({ name: `api ${tab}`, place: `/apis/${apiId}/${tab}` })) : []),
    { name: 'dictionaries', place: '/dictionaries' },
    ...(dictionaryId ? [{ name: 'dictionary', place: `/dictionaries/${dictionaryId}` }] : []),
    { name: 'console', place: '/console' },
    { name: 'traffic', place: '/traffic' },
    { name: 'settings', place: '/settings' },
  ]
}

/** What opens over or within the pages of a workspace that holds the whole walk-through. */
export async function everyOpening(page: Page): Promise<readonly Place[]> {
  const { domain, application, userId, apiId } = await subjects(page)
  if (!domain || !application || !userId || !apiId) return []
  const press = (button: string | RegExp) => async (page: Page) =>
    await page.getByRole('main').getByRole('button', { name: button }).first().click()
  return [
    { name: 'search', place: '/', open: (page) => page.keyboard.press('Control+k') },
    { name: 'new domain', place: '/domains', open: press('New domain') },
    { name: 'new application', place: `/domains/${domain.id}/applications`, open: press('New application') },
    {
      name: 'rotation of a secret',
      place: `/domains/${domain.id}/applications/${application.id}/overview`,
      open: press('Rotate…'),
    },
    { name: 'new scope', place: `/domains/${domain.id}/scopes`, open: press('New scope') },
    {
      name: 'new user that is not right',
      place: `/domains/${domain.id}/users`,
      open: async (page) => {
        await press('New user')(page)
        await page.getByRole('dialog').getByRole('radio', { name: 'Set one' }).click()
        await page.getByRole('dialog').getByRole('button', { name: 'Create user' }).click()
        await page.getByText('at least 8 characters; this one has 0').waitFor()
      },
    },
    {
      name: 'import of users',
      place: `/domains/${domain.id}/users`,
      open: async (page) => {
        await press('Import')(page)
        const buffer = Buffer.from('username,email,roles\nedsger,nobody,Reader\nbarbara,,Poet\ndonald,,')
        await page.getByLabel('File of users').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer })
        await page.getByRole('dialog').getByRole('table').waitFor()
      },
    },
    { name: 'nobody found', place: `/domains/${domain.id}/users?search=nobody` },
    { name: 'new role', place: `/domains/${domain.id}/users?section=roles`, open: press('New role') },
    { name: 'change of a role', place: `/domains/${domain.id}/users?section=roles`, open: press(/^Change role/) },
    {
      name: 'removal of a role',
      place: `/domains/${domain.id}/users?section=roles`,
      open: press(/^Remove role Reader/),
    },
    { name: 'new group', place: `/domains/${domain.id}/users?section=groups`, open: press('New group') },
    {
      name: 'members of a group',
      place: `/domains/${domain.id}/users?section=groups`,
      open: async (page) => {
        await press(/of Staff$/)(page)
        await page.getByRole('dialog').getByRole('textbox').fill('a')
        await page.getByRole('dialog').getByRole('button', { name: 'Add alan' }).waitFor()
      },
    },
    { name: 'password of a user', place: `/domains/${domain.id}/users/${userId}`, open: press('New password…') },
    { name: 'deletion of a user', place: `/domains/${domain.id}/users/${userId}`, open: press('Delete user…') },
    { name: 'new key', place: `/domains/${domain.id}/keys`, open: press('Add key') },
    { name: 'import of a key', place: `/domains/${domain.id}/keys`, open: press('Import key') },
    { name: 'rotation of a key', place: `/domains/${domain.id}/keys`, open: press(/^Rotate /) },
    {
      name: 'export of a key',
      place: `/domains/${domain.id}/keys`,
      open: async (page) => {
        await press(/^More for /)(page)
        await page.getByRole('menuitem', { name: 'Export secret…' }).click()
        await page.getByRole('dialog').waitFor()
      },
    },
    {
      name: 'schedule of the keys',
      place: `/domains/${domain.id}/keys`,
      open: async (page) => {
        await call(page, 'keys.setRotation', { domainId: domain.id, keyRotation: { everyDays: 90 } })
        await page.getByRole('spinbutton', { name: 'Every so many days' }).waitFor()
      },
    },
    {
      name: 'deletion of a domain',
      place: `/domains/${domain.id}/settings`,
      open: press(/^Delete domain/),
    },
    {
      name: 'https of a workspace',
      place: '/settings',
      open: async (page) => {
        await call(page, 'workspace.update', { tls: { gateway: true } })
        await page.getByRole('region', { name: 'HTTPS' }).getByText('How to trust it').waitFor()
      },
    },
    {
      name: 'certificate of their own',
      place: '/settings',
      open: async (page) => {
        await press('Use a certificate of your own…')(page)
        await page.getByRole('dialog').waitFor()
      },
    },
    { name: 'new api', place: '/apis', open: press('New API') },
    {
      name: 'import of an api',
      place: '/apis',
      open: async (page) => {
        await press('Import')(page)
        const text = 'openapi: 3.1.0\ninfo: { title: Echo }\npaths: { "/a/{id}": { get: { security: [{ b: [] }] } } }\n'
        await page.getByRole('textbox', { name: 'Or paste it' }).fill(text)
        await page.getByRole('region', { name: 'How each part fares' }).waitFor()
      },
    },
    {
      name: 'export of an api',
      place: `/apis/${apiId}/overview`,
      open: async (page) => {
        await press('Export')(page)
        await page.getByRole('region', { name: 'How each part fares' }).waitFor()
      },
    },
    { name: 'new dictionary', place: '/dictionaries', open: press('New dictionary') },
    {
      name: 'licences',
      place: '/settings',
      open: async (page) => {
        await press('Licences')(page)
        await page.getByRole('region', { name: 'Licences of the packages' }).waitFor()
      },
    },
    {
      name: 'chosen step',
      place: `/apis/${apiId}/policies`,
      open: async (page) => {
        await page
          .getByRole('region', { name: 'Request' })
          .getByRole('button', { name: /^OAuth2/ })
          .click()
        await page.getByRole('button', { name: 'More options' }).click()
      },
    },
    {
      name: 'an expression that is tried',
      place: `/apis/${apiId}/policies?flow=0&phase=request&step=0`,
      open: async (page) => {
        await press('Try Condition')(page)
        await page.getByRole('dialog').getByRole('textbox', { name: 'Condition' }).fill('{#request.headers}')
        await page.getByRole('dialog').getByText('True or false').waitFor()
      },
    },
    {
      name: 'guide of a policy',
      place: `/apis/${apiId}/policies`,
      open: async (page) => {
        await page
          .getByRole('region', { name: 'Request' })
          .getByRole('button', { name: /^OAuth2/ })
          .click()
        await page.getByRole('tab', { name: 'Guide' }).click()
      },
    },
    {
      name: 'result of a test',
      place: `/apis/${apiId}/resources`,
      open: async (page) => {
        await press('Test')(page)
        await page.getByText('Introspection works with these settings').waitFor()
      },
    },
    {
      name: 'refused call and its reason',
      place: '/console',
      open: async (page) => {
        await press('Send')(page)
        await page.getByText('OAUTH2_MISSING_HEADER').waitFor()
      },
    },
    {
      name: 'answered call and its token',
      place: '/console',
      open: async (page) => {
        await press('Get token')(page)
        await press(/^Token, /)(page)
        await page.getByRole('dialog', { name: 'Access token' }).waitFor()
      },
    },
    {
      name: 'settings of the recording',
      place: '/traffic',
      open: async (page) => {
        await press('Recording')(page)
        await page.getByRole('group', { name: 'Recording' }).getByRole('spinbutton').waitFor()
      },
    },
    {
      name: 'numbers of the traffic',
      place: '/traffic',
      open: async (page) => {
        await press('As a table')(page)
        await page.getByRole('table', { name: 'Requests over time, newest first' }).waitFor()
      },
    },
    {
      name: 'a request among the traffic',
      place: '/traffic',
      open: async (page) => {
        await page
          .getByRole('table', { name: 'Requests of both servers, newest first' })
          .getByRole('button')
          .first()
          .click()
        await page.getByRole('complementary', { name: 'The way it took' }).waitFor()
      },
    },
    {
      name: 'changes that are not deployed',
      place: `/apis/${apiId}/settings`,
      open: async (page) => {
        await page.getByRole('textbox', { name: 'Description' }).fill('Changed')
        await page.getByRole('region', { name: 'Not deployed yet' }).waitFor()
        await press('See changes')(page)
        await page.getByRole('dialog', { name: 'Not deployed yet' }).waitFor()
      },
    },
  ]
}

/** Goes to a place and opens what stands there, with nothing left open of the place before. */
export async function show(page: Page, { place, open }: Place): Promise<void> {
  for (const dialog = page.getByRole('dialog'); (await dialog.count()) > 0;) {
    await page.keyboard.press('Escape')
    await dialog.first().waitFor({ state: 'detached' })
  }
  await goTo(page, place)
  await open?.(page)
}

async function subjects(page: Page) {
  const [domain] = await call(page, 'domains.list', {})
  const [api] = await call(page, 'apis.list', {})
  const [dictionary] = await call(page, 'dictionaries.list', {})
  const { users } = domain ? await call(page, 'users.list', { domainId: domain.id, limit: 1 }) : { users: [] }
  const [application, ...others] = domain?.applications ?? []
  const site = others.find(({ type }) => type === 'web')
  return { domain, application, site, userId: users[0]?.id, apiId: api?.definition.id, dictionaryId: dictionary?.id }
}
