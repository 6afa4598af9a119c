import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { goTo, setSize, setTheme, themes } from './support/appearance'
import { call } from './support/bridge'
import { everyPage } from './support/places'
import type { ElectronApplication, Page } from '@playwright/test'
import { test } from './fixtures'

const folder = join(import.meta.dirname, '..', 'docs', 'pictures')

/** Pages that the documentation shows. */
const shown = [
  'overview',
  'domain applications',
  'domain users',
  'domain keys',
  'domain tokens',
  'domain audit',
  'application',
  'apis',
  'api policies',
  'api resources',
  'api plans',
  'api endpoints',
  'dictionary',
  'console',
  'traffic',
]

/** What makes a page say something, where it is quiet by itself. */
const interesting: Partial<Record<string, (page: Page) => Promise<void>>> = {
  console: async (page) => {
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('button', { name: 'Get a token and send again' }).waitFor()
  },
  'api policies': async (page) => {
    await page
      .getByRole('region', { name: 'Request' })
      .getByRole('button', { name: /^OAuth2/ })
      .first()
      .click()
    await page.getByLabel('Step OAuth2').waitFor()
  },
}

/** Logs a user in to an application, step by step, and takes the pages on the way. Leaves tokens and an audit log that say something. */
async function takeLogin(app: ElectronApplication, page: Page, theme: 'light' | 'dark', take: Take): Promise<void> {
  const [domain] = await call(page, 'domains.list', {})
  const { application: site } = await call(page, 'applications.create', {
    ...{ domainId: domain!.id, name: 'Orders page', type: 'browser' },
    redirectUris: ['http://127.0.0.1:4180/callback'],
  })
  const ada = { username: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' }
  await call(page, 'users.create', { domainId: domain!.id, password: PASSWORD, ...ada })
  await goTo(page, `/domains/${domain!.id}/applications/${site.id}/try`)
  const opening = app.waitForEvent('window')
  await page.getByRole('button', { name: /^Start/ }).click()
  const login = await opening
  await login.emulateMedia({ colorScheme: theme })
  const signIn = async (password: string) => {
    await login.getByLabel('Username').fill(ada.username)
    await login.getByLabel('Password').fill(password)
    await login.getByRole('button', { name: 'Log in' }).click()
  }
  await login.getByLabel('Username').waitFor()
  await take('login', login)
  await signIn('guessed wrong')
  await login.getByRole('alert').waitFor()
  await signIn(PASSWORD)
  await login.getByRole('button', { name: 'Allow' }).waitFor()
  await take('consent', login)
  const closed = login.waitForEvent('close')
  await login.getByRole('button', { name: 'Allow' }).click()
  await closed
  await page.getByRole('button', { name: 'Change the code for tokens' }).click()
  await page.getByRole('button', { name: 'Ask who the user is' }).waitFor()
  await take('try it', page)
}

/** A condition that is tried on the newest request of an API, with what may stand at the caret. */
async function takeExpression(page: Page, take: Take): Promise<void> {
  const [api] = await call(page, 'apis.list', {})
  await goTo(page, `/apis/${api!.definition.id}/policies?flow=0&phase=request&step=0`)
  await page.getByRole('button', { name: 'Try Condition' }).click()
  const dialog = page.getByRole('dialog')
  const condition = dialog.getByRole('textbox', { name: 'Condition' })
  await condition.fill("{#request.method == 'GET' && #request.headers['accept'][0].}")
  await condition.press('End')
  await condition.press('ArrowLeft')
  await page.keyboard.type('con')
  await dialog
    .getByRole('option', { name: /^contains/ })
    .first()
    .waitFor()
  await dialog.locator('[role=textbox]:not([aria-invalid=true])').first().waitFor()
  await take('expression offers', page)
  await page.keyboard.press('Enter')
  await page.keyboard.type("'json'")
  await dialog.getByText('True or false').waitFor()
  await take('expression tried', page)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
}

type Take = (name: string, page: Page) => Promise<unknown>
const PASSWORD = 'four words in a row'

for (const theme of themes) {
  test(`pictures of the window, ${theme}`, async ({ desktop, page }) => {
    await mkdir(folder, { recursive: true })
    await call(page, 'overview.perform', { step: 'refused' })
    await call(page, 'overview.perform', { step: 'answered' })
    await call(page, 'workspace.update', { name: 'Echo lab' })
    await call(page, 'dictionaries.create', {
      name: 'Tenants',
      description: 'Where each of them has its backend',
      properties: [
        { key: 'blue', value: 'https://blue.example.org' },
        { key: 'green', value: 'https://green.example.org' },
        { key: 'billing-key', value: 'a key of somebody else', encryptable: true },
      ],
    })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await setSize(desktop.app, { width: 1440, height: 900 })
    await setTheme(page, theme)
    const take: Take = (name, of) =>
      of.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}-${theme}.png`), animations: 'disabled' })
    await takeLogin(desktop.app, page, theme, take)
    await takeExpression(page, take)
    for (const { name, place } of (await everyPage(page)).filter((one) => shown.includes(one.name))) {
      await goTo(page, place)
      await interesting[name]?.(page)
      await take(name, page)
    }
  })
}
