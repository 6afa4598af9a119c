import { AxeBuilder } from '@axe-core/playwright'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ElectronApplication, Page } from '@playwright/test'
import type { OperationInput } from '@shared/operations'
import { testCredentials } from '../src-main/certificates/testing'
import { expect, test } from './fixtures'
import { goTo, setTheme, themes } from './support/appearance'
import { call } from './support/bridge'
import { tabTo } from './support/keyboard'
import { closedPort } from './support/ports'

const REDIRECT = 'https://shop.example/callback'

/** A domain with a user and a site that users log in to; the page is at its flow. */
async function openTryIt(page: Page, settings: Partial<OperationInput<'applications.create'>> = {}): Promise<void> {
  const { id: domainId } = await call(page, 'domains.create', { name: 'Shop', path: 'shop' })
  await call(page, 'users.create', { domainId, username: 'ada', password: 'correct horse', email: 'ada@shop.example' })
  const { application } = await call(page, 'applications.create', {
    domainId,
    name: 'Storefront',
    type: 'web',
    redirectUris: [REDIRECT],
    scopeSettings: [{ scope: 'email', defaultScope: true }],
    ...settings,
  })
  await goTo(page, `/domains/${domainId}/applications/${application.id}/try`)
}

/** Starts the flow; answers the login window that opens. */
async function start(app: ElectronApplication, page: Page): Promise<Page> {
  const opening = app.waitForEvent('window')
  await page.getByRole('button', { name: /^Start/ }).click()
  return await opening
}

async function logIn(login: Page): Promise<void> {
  await login.getByLabel('Username').fill('ada')
  await login.getByLabel('Password').fill('correct horse')
  await login.getByRole('button', { name: 'Log in' }).click()
}

const step = (page: Page, title: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) })

for (const mode of ['query', 'fragment', 'form_post'] as const) {
  test(`a user logs in step by step, up to tokens and userinfo: ${mode}`, async ({ desktop: { app }, page }) => {
    await openTryIt(page)
    await page.getByRole('combobox', { name: 'Response mode' }).click()
    await page.getByRole('option', { name: mode, exact: true }).click()
    const login = await start(app, page)
    await expect(step(page, 'The login page')).toBeVisible()
    const closed = login.waitForEvent('close')
    await logIn(login)
    await login.getByRole('button', { name: 'Allow' }).click()
    await closed

    const back = step(page, 'A code comes back')
    await expect(back).toContainText('the answer is from the server that was asked')
    const sent = step(page, 'The user logs in')
    await sent.getByText('The message').click()
    await expect(sent).toContainText('username, password')
    await expect(page.getByRole('main')).not.toContainText('correct horse')

    await page.getByRole('button', { name: 'Change the code for tokens' }).click()
    const tokens = step(page, 'The code is changed for tokens')
    await expect(tokens).toContainText('It is the hash of the access token beside it')
    await tokens.getByText('ID token', { exact: true }).click()
    await expect(tokens.getByRole('region', { name: 'Claims of the ID token' })).toContainText('ada@shop.example')
    await page.getByRole('button', { name: 'Ask who the user is' }).click()
    await expect(step(page, 'The application asks who the user is')).toContainText('ada@shop.example')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect(step(page, 'New tokens without the user')).toBeVisible()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await expect(step(page, 'The tokens are taken back')).toBeVisible()
    await page.getByRole('button', { name: 'Ask who the user is' }).click()
    await expect(step(page, 'The application is not told who the user is')).toContainText('TOKEN_INACTIVE')
  })
}

test('a pushed request, and a consent that is denied, which says why', async ({ desktop: { app }, page }) => {
  await openTryIt(page)
  await page.getByRole('switch', { name: 'Push the request first' }).click()
  const login = await start(app, page)
  await expect(step(page, 'The request is pushed')).toBeVisible()
  await logIn(login)
  await login.getByRole('button', { name: 'Deny' }).click()
  await expect(step(page, 'The user decides')).toContainText('CONSENT_DENIED')
  await expect(step(page, 'The application gets no code')).toContainText('access_denied')
  await expect(page.getByRole('button', { name: 'Change the code for tokens' })).toBeHidden()
})

test('the answer to an app with a scheme of its own is read as well', async ({ desktop: { app }, page }) => {
  await openTryIt(page, { type: 'native', redirectUris: ['com.example.shop:/callback'] })
  await page.getByRole('combobox', { name: 'Response mode' }).click()
  await expect(page.getByRole('option')).toHaveText(['Not said: query', 'query', 'fragment'])
  await page.keyboard.press('Escape')
  const login = await start(app, page)
  await logIn(login)
  await login.getByRole('button', { name: 'Allow' }).click()
  await expect(step(page, 'A code comes back')).toContainText('the answer is to this very request')
})

test('a login page that does not load ends with a word, and the keyboard goes through the rest', async ({
  desktop: { app },
  page,
}) => {
  await openTryIt(page, { skipConsent: true })
  const first = await start(app, page)
  await first.getByLabel('Password').waitFor()
  await call(page, 'workspace.update', { authorizationPort: await closedPort() })
  await logIn(first)
  await expect(page.getByText(/The login page did not load: net::ERR_CONNECTION/)).toBeVisible()

  // Anew while a login window is open: that one goes.
  const left = await start(app, page)
  const closed = left.waitForEvent('close')
  const login = await start(app, page)
  await closed
  await logIn(login)
  await tabTo(page, page.getByRole('button', { name: 'Change the code for tokens' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Ask who the user is' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(step(page, 'The application asks who the user is')).toContainText('ada@shop.example')
  await expect(page.getByRole('button', { name: 'Ask who the user is' })).toBeFocused()
})

test('a redirect address that is not registered is refused on a page, and the reason is told', async ({
  desktop: { app },
  page,
}) => {
  await openTryIt(page)
  await page.getByRole('textbox', { name: 'Redirect address' }).fill('https://evil.example/callback')
  const login = await start(app, page)
  const refused = step(page, 'The server shows why it cannot go on')
  await expect(refused).toContainText('REDIRECT_URI_NOT_REGISTERED')
  await expect(refused).toContainText('https://shop.example/callback')
  await login.close()
  await expect(page.getByText('The login window was closed before an answer came')).toBeVisible()
})

test('the login of the time before is kept only when that is wanted', async ({ desktop: { app }, page }) => {
  await openTryIt(page)
  const first = await start(app, page)
  await logIn(first)
  await first.getByRole('button', { name: 'Allow' }).click()
  await expect(step(page, 'A code comes back')).toBeVisible()

  const stay = page.getByRole('switch', { name: 'Stay logged in' })
  await stay.click()
  await page.getByRole('button', { name: 'Start anew' }).click()
  // Logged in and consented before: no page is shown at all.
  await expect(step(page, 'The login page')).toBeHidden()
  await expect(step(page, 'A code comes back')).toBeVisible()

  await stay.click()
  const second = await start(app, page)
  await expect(second.getByLabel('Password')).toBeVisible()
  await page.getByRole('button', { name: 'Close it' }).click()
  await expect(page.getByText('The login window was closed before an answer came')).toBeVisible()
})

test('HTTPS of the local authority is trusted by the login window without a word', async ({
  desktop: { app },
  page,
}) => {
  await call(page, 'workspace.update', { tls: { authorization: true } })
  await openTryIt(page)
  const login = await start(app, page)
  expect(login.url()).toMatch(/^https:/)
  await logIn(login)
  await login.getByRole('button', { name: 'Allow' }).click()
  await expect(step(page, 'A code comes back')).toBeVisible()
})

test('the login window trusts the certificate of its server, and no other', async ({ desktop: { app }, page }) => {
  await call(page, 'workspace.update', { tls: { authorization: true } })
  await openTryIt(page)
  const login = await start(app, page)
  await expect(login.getByLabel('Username')).toBeVisible()
  // Of an authority that the workspace trusts for other servers.
  const credentials = await testCredentials()
  await call(page, 'certificates.trust', { certificate: credentials.authority })
  const other = createServer({ cert: credentials.certificate, key: credentials.key }, (_request, response) =>
    response.end('elsewhere'),
  )
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const reached = await app.evaluate(
    async ({ session }, addresses) => {
      const own = session.fromPartition('login')
      // What keeps its pages where they are is taken away, so that the certificate alone decides.
      own.webRequest.onBeforeRequest(null)
      own.webRequest.onBeforeSendHeaders(null)
      return await Promise.all(
        addresses.map((address) =>
          own.fetch(address).then(
            () => 'reached',
            (error: Error) => error.message,
          ),
        ),
      )
    },
    [login.url(), `https://127.0.0.1:${port}/`],
  )
  expect(reached).toEqual(['reached', expect.stringMatching(/ERR_CERT|ERR_FAILED/)])
  other.close().closeAllConnections()
})

test('a service gets its token, both messages told', async ({ page }) => {
  const { id: domainId } = await call(page, 'domains.create', { name: 'Shop', path: 'shop' })
  const { application } = await call(page, 'applications.create', { domainId, name: 'Orders' })
  await goTo(page, `/domains/${domainId}/applications/${application.id}`)
  await page.getByRole('link', { name: 'Try it' }).click()
  await page.getByRole('button', { name: 'Start' }).click()
  const got = step(page, 'The application gets a token for itself')
  await expect(got).toContainText('For APIs')
  await got.getByText('The message').click()
  await expect(got).toContainText('Basic ••••••••')
})

test('the login window has no way in or out', async ({ desktop: { app }, page }) => {
  await openTryIt(page)
  const login = await start(app, page)
  await login.getByLabel('Username').waitFor()
  expect(await login.evaluate(() => ['require', 'process', 'gatehouse'].filter((name) => name in globalThis))).toEqual(
    [],
  )
  expect(await login.evaluate(() => window.open('https://example.com/'))).toBeNull()
  expect(await login.evaluate(() => Notification.requestPermission())).toBe('denied')
  const here = login.url()
  await login.evaluate(() => (location.href = 'https://example.com/'))
  await expect(step(page, 'The login window was kept from another place')).toContainText('kept from another place')
  await login.evaluate(() => (location.href = 'app://gatehouse/'))
  await login.evaluate(() => (location.href = 'file:///etc/passwd'))
  expect(await login.evaluate(() => location.href)).toBe(here)
  const preferences = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(({ webContents }) => {
      const contents = webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      const { contextIsolation, sandbox, nodeIntegration, webviewTag } = contents.getLastWebPreferences()
      return { contextIsolation, sandbox, nodeIntegration, webviewTag }
    }),
  )
  const locked = { contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false }
  expect(preferences).toEqual([locked, locked])

  const ask = (request: unknown) => page.evaluate((request) => window.gatehouse.shell(request as never), request)
  expect(await ask({ do: 'open-login', attemptId: 'https://example.com/', keepsSession: true })).toMatchObject({
    ok: false,
    problem: { key: 'TRY_IT_OVER' },
  })
  expect(await ask({ do: 'open-login', address: 'https://example.com/' })).toMatchObject({
    ok: false,
    problem: { key: 'INVALID_INPUT' },
  })
})

for (const theme of themes) {
  test(`axe finds nothing in a flow: ${theme}`, async ({ desktop: { app }, page }) => {
    await setTheme(page, theme)
    await openTryIt(page)
    await page.getByRole('textbox', { name: 'Redirect address' }).waitFor()
    const findings = async () =>
      (await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html }) => `${id}: ${html}`),
      )
    expect(await findings()).toEqual([])
    const login = await start(app, page)
    await logIn(login)
    await login.getByRole('button', { name: 'Allow' }).click()
    await page.getByRole('button', { name: 'Change the code for tokens' }).click()
    await page.getByRole('button', { name: 'Ask who the user is' }).click()
    await expect(step(page, 'The application asks who the user is')).toBeVisible()
    for (const message of await page.locator('main details > summary').all()) await message.click()
    expect(await findings()).toEqual([])
  })
}
