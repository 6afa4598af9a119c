import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { addresses } from './support/protected-api'
import { echoedHeaders, refused, tokenAnswer } from './support/quick-start'

const sections = (page: Page): Locator => page.getByRole('navigation', { name: 'Pages' })
const progress = (page: Page): Locator => page.getByRole('region', { name: 'Secure your first API' })

test('the walk-through by hand, from an empty workspace to an answered call', async ({ desktop: { app }, page }) => {
  await test.step('Overview shows the first step', async () => {
    await expect(progress(page).getByRole('status')).toHaveText('0 of 7')
    await expect(progress(page).getByRole('listitem').first()).toHaveAttribute('aria-current', 'step')
  })

  const secret = await test.step('a domain with a scope, and an application in it', async () => {
    await sections(page).getByRole('link', { name: 'Domains' }).click()
    await page.getByRole('button', { name: 'New domain' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Demo')
    await expect(page.getByRole('textbox', { name: 'Path' })).toHaveValue('demo')
    await page.getByRole('button', { name: 'Create domain' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Demo' })).toBeVisible()

    const tabs = page.getByRole('navigation', { name: /Demo/ })
    await tabs.getByRole('link', { name: 'Scopes' }).click()
    await page.getByRole('button', { name: 'New scope' }).click()
    await page.getByRole('textbox', { name: 'Key' }).fill('read')
    await page.getByRole('button', { name: 'Add scope' }).click()
    await expect(page.getByRole('rowheader', { name: 'read' })).toBeVisible()

    await tabs.getByRole('link', { name: 'Applications' }).click()
    await page.getByRole('button', { name: 'New application' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('echo-client')
    await page.getByRole('button', { name: 'Create application' }).click()
    const shown = page.getByRole('dialog', { name: 'The secret of echo-client' })
    const secret = await shown.getByRole('region', { name: 'client secret', exact: true }).innerText()
    await shown.getByRole('button', { name: 'Copy client secret' }).click()
    await expect(shown.getByRole('button', { name: 'Copied client secret' })).toBeVisible()
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(secret)
    await shown.getByRole('button', { name: 'I have stored it' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'echo-client' })).toBeVisible()
    // Shown this once.
    expect(await page.content()).not.toContain(secret)
    return secret
  })

  await test.step('an API on the built-in echo', async () => {
    await sections(page).getByRole('link', { name: 'APIs' }).click()
    await page.getByRole('button', { name: 'New API' }).click()
    const dialog = page.getByRole('dialog', { name: 'New API' })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Echo')
    await expect(dialog.getByRole('textbox', { name: 'Path' })).toHaveValue('/echo')
    await expect(dialog.getByRole('radio', { name: 'Built-in echo' })).toBeChecked()
    await dialog.getByRole('button', { name: 'Create API' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Echo' })).toBeVisible()
  })
  const tabs = page.getByRole('navigation', { name: 'Sections of Echo' })

  await test.step('the authorization server as a resource, whose test tells the truth', async () => {
    await tabs.getByRole('link', { name: 'Resources' }).click()
    await page.getByRole('button', { name: 'Gravitee AM Authorization Server Resource' }).click()
    await page.getByRole('button', { name: 'Fill in', exact: true }).click()
    await expect(page.getByRole('textbox', { name: 'Security domain' })).toHaveValue('demo')
    const test = page.getByRole('button', { name: 'Test', exact: true })
    await test.click()
    await expect(page.getByText('Introspection works with these settings')).toBeVisible()

    await page.getByRole('button', { name: 'Replace' }).click()
    await page.getByLabel('Client secret').fill('not the secret')
    await test.click()
    await expect(page.getByText(/Check the client ID and the client secret/)).toBeVisible()
    await expect(page.getByText('Introspection works with these settings')).toHaveCount(0)

    await page.getByRole('button', { name: 'Replace' }).click()
    await page.getByLabel('Client secret').fill(secret)
    await test.click()
    await expect(page.getByText('Introspection works with these settings')).toBeVisible()
  })

  await test.step('the OAuth2 policy dragged onto the path', async () => {
    await tabs.getByRole('link', { name: 'Policies' }).click()
    const entry = page.getByRole('complementary', { name: 'Policies' }).getByRole('button', { name: /^OAuth2/ })
    const request = page.getByRole('region', { name: 'Request' })
    await entry.dragTo(request.getByText('Drop a policy'))
    await expect(request.getByRole('button', { name: /^OAuth2/ })).toHaveAttribute('aria-pressed', 'true')
    await page.getByRole('combobox', { name: 'OAuth2 resource' }).click()
    await page.getByRole('option', { name: 'am' }).click()
    await expect(request.getByRole('button', { name: /^OAuth2/ })).toContainText('am')
  })

  await test.step('the changes are listed, and deployed', async () => {
    const banner = page.getByRole('region', { name: 'Not deployed yet' })
    await expect(banner).toContainText('Not deployed yet')
    await banner.getByRole('button', { name: 'See changes' }).click()
    const changes = page.getByRole('dialog', { name: 'Not deployed yet' })
    await expect(changes).toContainText('Echo is new on /echo')
    await expect(changes).toContainText('OAuth2 added')
    await expect(changes).not.toContainText(secret)
    await changes.getByRole('button', { name: 'Deploy' }).click()
    await expect(banner).toHaveCount(0)
    await expect(page.getByRole('main').getByText('Revision 1 running')).toBeVisible()
  })

  const response = page.getByRole('region', { name: 'Response', exact: true })
  const why = page.getByRole('complementary', { name: 'Why' })

  await test.step('the call without a token is refused, and the console says why', async () => {
    await page.getByRole('link', { name: 'Try in console' }).click()
    await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue(/\/echo$/)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await expect(response.getByRole('status')).toContainText('401')
    const shown = await response.getByRole('region', { name: 'response body' }).innerText()
    expect(JSON.parse(shown)).toEqual(JSON.parse(refused.body))
    await expect(response.getByText(refused.challenge, { exact: true })).toBeVisible()
    await expect(why).toContainText('The request has no Authorization header')
    await expect(why).toContainText('OAUTH2_MISSING_HEADER')
    await expect(why.getByRole('term').filter({ hasText: 'Authorization' })).toBeVisible()
    await expect(why.getByText('(absent)')).toBeVisible()
  })

  await test.step('one click gets a token and calls again', async () => {
    await why.getByRole('button', { name: 'Get a token' }).click()
    await expect(response.getByRole('status')).toContainText('200')
    const shown = await response.getByRole('region', { name: 'response body' }).innerText()
    const { headers } = JSON.parse(shown) as { headers: Record<string, string> }
    expect(Object.keys(headers)).toEqual(expect.arrayContaining([...echoedHeaders, 'Authorization']))
    await expect(why.getByRole('listitem').filter({ hasText: 'OAuth2' })).toHaveAttribute('data-decision', 'passed')
  })

  await test.step('the token is decoded and its time runs down', async () => {
    const chip = page.getByRole('button', { name: /^Token, .* left/ })
    const before = await chip.innerText()
    await expect(chip).not.toHaveText(before)
    await chip.click()
    const token = page.getByRole('dialog', { name: 'Access token' })
    await expect(token).toContainText(`Signed with ${tokenAnswer.algorithm} by key ${tokenAnswer.keyId}`)
    await expect(token.getByRole('region', { name: 'Claims' })).toContainText('exp')
    await page.keyboard.press('Escape')
  })

  await test.step('Overview has ticked every step', async () => {
    await sections(page).getByRole('link', { name: 'Overview' }).click()
    await expect(progress(page).getByRole('status')).toHaveText('7 of 7')
    await expect(progress(page)).toContainText('All done')
    await expect(progress(page).getByLabel('Done', { exact: true })).toHaveCount(7)
  })

  await test.step('any other client sees the quick start’s three exchanges', async () => {
    const { gateway, authorization } = await addresses(page)
    const without = await fetch(`${gateway}/echo`)
    expect(without.status).toBe(refused.status)
    expect(without.headers.get('WWW-Authenticate')).toBe(refused.challenge)
    expect(await without.text()).toBe(refused.body)

    await sections(page).getByRole('link', { name: 'Domains' }).click()
    await page.getByRole('link', { name: 'Demo' }).click()
    await page.getByRole('link', { name: 'echo-client' }).click()
    await page.getByRole('button', { name: 'Copy client id' }).click()
    await expect(page.getByRole('button', { name: 'Copied client id' })).toBeVisible()
    const clientId = await app.evaluate(({ clipboard }) => clipboard.readText())
    const got = await fetch(`${authorization}/demo/oauth/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    expect(got.status).toBe(200)
    expect(got.headers.get('Content-Type')).toBe(tokenAnswer.contentType)
    expect(got.headers.get('Cache-Control')).toBe(tokenAnswer.cacheControl)
    expect(got.headers.get('Pragma')).toBe(tokenAnswer.pragma)
    const token = (await got.json()) as { access_token: string; token_type: string; expires_in: number }
    expect(token).toMatchObject({ token_type: tokenAnswer.tokenType, expires_in: tokenAnswer.expiresIn })
    const header = Buffer.from(token.access_token.split('.')[0]!, 'base64url').toString()
    expect(JSON.parse(header)).toMatchObject({ alg: tokenAnswer.algorithm, kid: tokenAnswer.keyId })

    const called = await fetch(`${gateway}/echo`, { headers: { Authorization: `Bearer ${token.access_token}` } })
    expect(called.status).toBe(200)
    const echo = (await called.json()) as { headers: Record<string, string> }
    expect(Object.keys(echo)).toEqual(['headers'])
    expect(echo.headers.Authorization).toBe(`Bearer ${token.access_token}`)
    expect(Object.keys(echo.headers)).toEqual(expect.arrayContaining([...echoedHeaders]))
  })
})
