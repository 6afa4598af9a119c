import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { call } from './support/bridge'
import { stopServer } from './support/ports'
import { addresses } from './support/protected-api'

const executablePath = process.env.GATEHOUSE_BROWSER

/** An application's own server, which answers where codes go. */
async function startShop() {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>Shop</title><h1>Back at the shop</h1>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

/** What the address tells that the browser was sent back to. */
async function answerAt(page: Page, callback: string): Promise<Record<string, string>> {
  await expect(page.getByRole('heading', { name: 'Back at the shop' })).toBeVisible()
  const { origin, pathname, searchParams } = new URL(page.url())
  expect(origin + pathname).toBe(callback)
  return Object.fromEntries(searchParams)
}

test.skip(executablePath === undefined, 'No Chromium, Chrome or Edge was found on this machine: install one')

test('people log in, deny, consent and log out in a plain browser, with JavaScript and without', async ({
  page: window,
}) => {
  const { server, origin } = await startShop()
  const [callback, bye] = [`${origin}/callback`, `${origin}/bye`]
  const { id: domainId } = await call(window, 'domains.create', { name: 'Shop', path: 'shop' })
  for (const username of ['ada', 'grace']) {
    await call(window, 'users.create', { domainId, username, password: 'correct horse' })
  }
  const { application, clientSecret = '' } = await call(window, 'applications.create', {
    domainId,
    name: 'Storefront',
    type: 'web',
    redirectUris: [callback],
    postLogoutRedirectUris: [bye],
  })
  const { clientId } = application
  const { authorization } = await addresses(window)
  const domain = `${authorization}/shop`
  const verifier = randomBytes(32).toString('base64url')

  const open = (page: Page, state: string) => {
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: clientId, redirect_uri: callback, scope: 'openid', state },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    return page.goto(`${domain}/oauth/authorize?${query.toString()}`)
  }
  const redeem = async (code: string) => {
    const response = await fetch(`${domain}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier },
      }),
    })
    return { status: response.status, ...((await response.json()) as { id_token?: string }) }
  }

  let browser: Browser | undefined
  try {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      chromiumSandbox: process.platform !== 'linux' || process.getuid?.() !== 0,
    })
    for (const [username, javaScriptEnabled] of [
      ['ada', false],
      ['grace', true],
    ] as const) {
      await test.step(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', async () => {
        const context = await browser!.newContext({ javaScriptEnabled })
        const page = await context.newPage()
        const complaints: string[] = []
        page.on('pageerror', ({ message }) => complaints.push(message))
        page.on('console', (message) => {
          // The icon that browsers ask for by themselves, and the refused login that is meant.
          if (message.type() === 'error' && !/status of (?:403|404)/.test(message.text()))
            complaints.push(message.text())
        })

        await open(page, 'first')
        await signIn(page, username, 'wrong horse')
        await expect(page.getByRole('alert')).toHaveText('Username or password is wrong.')
        await expect(page.getByLabel('Username')).toHaveValue(username)
        await expect(page.getByLabel('Password')).toHaveValue('')
        await signIn(page, username, 'correct horse')
        await expect(page.getByRole('heading', { name: 'Allow Storefront?' })).toBeVisible()
        await page.getByRole('button', { name: 'Deny' }).click()
        const denied = await answerAt(page, callback)
        expect(denied).toMatchObject({ state: 'first', iss: `${domain}/oidc`, error: 'access_denied' })
        expect(denied).not.toHaveProperty('code')

        // Logged in, and asked anew for what was denied.
        await open(page, 'second')
        await page.getByRole('button', { name: 'Allow' }).click()
        const second = await answerAt(page, callback)
        expect(second).toMatchObject({ state: 'second', iss: `${domain}/oidc` })
        const tokens = await redeem(second.code ?? '')
        expect(tokens.status).toBe(200)

        await page.goto(`${domain}/logout`)
        await page.getByRole('button', { name: 'Log out' }).click()
        await expect(page.getByRole('heading', { name: /logged out/i })).toBeVisible()
        await open(page, 'third')
        await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()

        // What was allowed is not asked for again; and an application that shows whom it means logs out without a question.
        await signIn(page, username, 'correct horse')
        const third = await answerAt(page, callback)
        const { id_token = '' } = await redeem(third.code ?? '')
        const logout = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: bye, state: 'gone' })
        await page.goto(`${domain}/logout?${logout.toString()}`)
        expect(await answerAt(page, bye)).toEqual({ state: 'gone' })
        await open(page, 'fourth')
        await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()
        expect(complaints).toEqual([])
        await context.close()
      })
    }
  } finally {
    await browser?.close()
    await stopServer(server)
  }
})
