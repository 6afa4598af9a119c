import { generateKeyPairSync } from 'node:crypto'
import type { Locator, Page } from '@playwright/test'
import { applicationKinds } from '@shared/application-kinds'
import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { enter, tabTo } from './support/keyboard'
import { addresses } from './support/protected-api'

/** A domain and, in it, an application of a kind; the page is at one of its sections. */
async function openApplication(
  page: Page,
  settings: Omit<Parameters<typeof call<'applications.create'>>[2], 'domainId' | 'name'>,
  tab = '',
) {
  const { id: domainId } = await call(page, 'domains.create', { name: 'Lab', path: 'lab' })
  const made = await call(page, 'applications.create', { domainId, name: 'Shop', ...settings })
  const ids = { domainId, applicationId: made.application.id }
  await goTo(page, `/domains/${domainId}/applications/${ids.applicationId}/${tab}`)
  const saved = async () => (await call(page, 'domains.get', { domainId })).applications[0]!
  return { ids, saved, ...made }
}

const save = (page: Page): Locator =>
  page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ })
const section = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Sections of Shop' }).getByRole('link', { name })

for (const { type, label, isPublic, possibleGrantTypes } of applicationKinds)
  test(`an application is made of the kind ${label}, with what goes with it`, async ({ page }) => {
    const { id: domainId } = await call(page, 'domains.create', { name: 'Lab', path: 'lab' })
    await goTo(page, `/domains/${domainId}/applications`)
    await page.getByRole('button', { name: 'New application' }).click()
    const dialog = page.getByRole('dialog', { name: 'New application' })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Shop')
    await dialog.getByRole('radio', { name: label, exact: true }).check()
    await dialog.getByRole('button', { name: 'Create application' }).click()
    if (!isPublic) await page.getByRole('button', { name: 'I have stored it' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Shop')
    await expect(page.getByRole('banner').or(page.locator('main header')).first()).toContainText(label)
    await expect(page.getByRole('region', { name: 'Secrets' })).toHaveCount(isPublic ? 0 : 1)
    await expect(section(page, 'Tokens')).toHaveCount(possibleGrantTypes.length > 0 ? 1 : 0)
    await section(page, 'OAuth').click()
    await expect(page.getByRole('checkbox')).toHaveCount(possibleGrantTypes.length)
    expect((await call(page, 'domains.get', { domainId })).applications).toMatchObject([{ type }])
  })

test('a redirect address is judged as it is typed, in the dialog and on the page', async ({ page }) => {
  const { id: domainId } = await call(page, 'domains.create', { name: 'Lab', path: 'lab' })
  await goTo(page, `/domains/${domainId}/applications`)
  await page.getByRole('button', { name: 'New application' }).click()
  const dialog = page.getByRole('dialog', { name: 'New application' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Shop')
  await dialog.getByRole('radio', { name: 'Web', exact: true }).check()
  const first = dialog.getByRole('textbox', { name: 'Redirect address' })
  const bad = [
    ['https://shop.example/#done', /fragment/],
    ['http://shop.example/', /http to shop\.example/],
    ['https://*.shop.example/', /wildcard/],
    ['https://me:secret@shop.example/', /name or password/],
    ['com.example.shop:/', /only a native/],
    ['shop.example', /not a whole address/],
  ] as const
  for (const [address, says] of bad) {
    await first.fill(address)
    await expect(dialog.getByText(says)).toBeVisible()
    await dialog.getByRole('button', { name: 'Create application' }).click()
    await expect(first).toHaveValue(address)
  }
  await first.fill('https://shop.example/callback')
  await dialog.getByRole('button', { name: 'Create application' }).click()
  await page.getByRole('button', { name: 'I have stored it' }).click()

  await section(page, 'OAuth').click()
  const addresses = page.getByRole('group', { name: 'Redirect addresses' })
  await addresses.getByRole('button', { name: 'Add redirect address' }).click()
  const second = addresses.getByRole('textbox', { name: 'Redirect addresses 2' })
  for (const [address, says] of [...bad, ['https://shop.example/callback', /in the list already/] as const]) {
    await second.fill(address)
    await expect(addresses.getByText(says)).toBeVisible()
    await expect(second).toHaveAttribute('aria-invalid', 'true')
    await expect(save(page)).toBeDisabled()
  }
  // What is wrong in one section is told from every other.
  await section(page, 'Tokens').click()
  await expect(section(page, 'OAuth')).toContainText('not right yet')
  await expect(page.getByText('Something is not right yet under OAuth.')).toBeVisible()
  await section(page, 'OAuth').click()
  await expect(second).toHaveValue('https://shop.example/callback')
  await second.fill('http://localhost:3000/callback')
  await save(page).click()
  await expect(save(page)).toHaveCount(0)
  expect((await call(page, 'domains.get', { domainId })).applications[0]?.redirectUris).toEqual([
    'https://shop.example/callback',
    'http://localhost:3000/callback',
  ])
})

test('a secret is rotated with an overlap: both get tokens, until the one before is removed', async ({ page }) => {
  const { application, clientSecret: before } = await openApplication(page, { type: 'service' })
  const { authorization } = await addresses(page)
  const statusOf = async (secret: string) => {
    const basic = Buffer.from(`${application.clientId}:${secret}`).toString('base64')
    const body = new URLSearchParams({ grant_type: 'client_credentials' })
    const headers = { Authorization: `Basic ${basic}` }
    return (await fetch(`${authorization}/lab/oauth/token`, { method: 'POST', headers, body })).status
  }
  const secrets = page.getByRole('region', { name: 'Secrets' })
  await secrets.getByRole('button', { name: 'Rotate…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rotate the secret' })
  await dialog.getByRole('radio', { name: 'In an hour' }).check()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Since May')
  await dialog.getByRole('button', { name: 'Rotate secret' }).click()
  const shown = page.getByRole('dialog', { name: 'The secret of Shop' })
  const after = await shown.getByRole('region', { name: 'client secret', exact: true }).innerText()
  await shown.getByRole('button', { name: 'I have stored it' }).click()

  expect(after).not.toBe(before)
  expect([await statusOf(before!), await statusOf(after)]).toEqual([200, 200])
  const rows = secrets.getByRole('listitem')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText(/Since May\s*Main/)
  await expect(rows.nth(1)).toContainText(/ends in (1 hr|59 min|60 min)/)
  // Nothing of a secret is ever shown again.
  expect(await page.content()).not.toContain(after.slice(0, 8))

  await rows
    .nth(1)
    .getByRole('button', { name: /^Actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Make it the main one' }).click()
  await expect(rows.nth(1)).toContainText('Since May')
  expect([await statusOf(before!), await statusOf(after)]).toEqual([200, 200])
  await rows
    .nth(1)
    .getByRole('button', { name: /^Actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove secret' }).click()
  await expect(rows).toHaveCount(1)
  expect([await statusOf(before!), await statusOf(after)]).toEqual([200, 401])
})

test('a key of its own takes the place of the secret, and a private one is not taken', async ({ page }) => {
  const { saved } = await openApplication(page, { type: 'service' }, 'oauth')
  await page.getByRole('combobox', { name: 'How it proves who it is' }).click()
  await page.getByRole('option', { name: 'Signed with its own key' }).click()
  await expect(page.getByText('Saving removes its secrets')).toBeVisible()
  await expect(page.getByText(/needs the public key of the application/)).toBeVisible()
  await expect(save(page)).toBeDisabled()

  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const box = page.getByRole('textbox', { name: 'Add a public key' })
  await box.fill(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  await page.getByRole('button', { name: 'Add key' }).click()
  await expect(page.getByText(/It is a private key/)).toBeVisible()
  await box.fill(publicKey.export({ type: 'spki', format: 'pem' }).toString())
  await page.getByRole('button', { name: 'Add key' }).click()
  await expect(page.getByRole('button', { name: /^Remove public key/ })).toBeVisible()
  await save(page).click()
  await expect(save(page)).toHaveCount(0)
  expect(await saved()).toMatchObject({ tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [{ kty: 'EC' }] } })
  await section(page, 'Overview').click()
  await expect(page.getByRole('region', { name: 'Secrets' })).toHaveCount(0)

  await section(page, 'OAuth').click()
  await page.getByRole('combobox', { name: 'How it proves who it is' }).click()
  await page.getByRole('option', { name: 'Secret by HTTP Basic' }).click()
  await save(page).click()
  await page
    .getByRole('dialog', { name: 'The secret of Shop' })
    .getByRole('button', { name: 'I have stored it' })
    .click()
  expect(await saved()).toMatchObject({ tokenEndpointAuthMethod: 'client_secret_basic' })
})

test('claims are checked as they are typed, with the character, and kept over the sections until they are saved', async ({
  page,
}) => {
  const { saved } = await openApplication(page, { type: 'web', redirectUris: ['https://shop.example/'] }, 'tokens')
  await page.getByRole('button', { name: 'Add claim' }).click()
  await page.getByRole('textbox', { name: 'Name of claim 1' }).fill('sub')
  await expect(page.getByText(/set by the authorization server itself/)).toBeVisible()
  await page.getByRole('textbox', { name: 'Name of claim 1' }).fill('mail')
  const value = page.getByRole('textbox', { name: 'Value of claim 1' })
  await value.fill("{#context.attributes['user'].email")
  await expect(page.getByText(/no \} that ends it \(character 1\)/)).toBeVisible()
  await value.fill("{#context.attributes['user'].email}")
  await page.getByRole('spinbutton', { name: 'Access tokens' }).fill('60')
  await section(page, 'Settings').click()
  await page.getByRole('textbox', { name: 'Description' }).fill('Sells')
  await page.keyboard.press('Control+s')
  await expect(save(page)).toHaveCount(0)
  expect(await saved()).toMatchObject({
    description: 'Sells',
    accessTokenValiditySeconds: 60,
    tokenCustomClaims: [{ tokenType: 'ACCESS_TOKEN', claimName: 'mail' }],
  })
})

test('its lines and its program are at hand for each of its grants', async ({ desktop: { app }, page }) => {
  await openApplication(page, { type: 'agent', redirectUris: ['https://shop.example/callback'] })
  const use = page.getByRole('region', { name: 'Use it' })
  await expect(use).toContainText('code_challenge_method=S256')
  await use.getByRole('combobox', { name: 'Grant to show' }).click()
  await page.getByRole('option', { name: 'Client credentials' }).click()
  await expect(use).toContainText('grant_type=client_credentials')
  await use.getByRole('radio', { name: 'openid-client' }).click()
  await use.getByRole('button', { name: 'Copy program for openid-client' }).click()
  await expect
    .poll(() => app.evaluate(({ clipboard }) => clipboard.readText()))
    .toContain('client.clientCredentialsGrant(config')
})

test('a site is set up with the keyboard alone', async ({ page }) => {
  const { saved } = await openApplication(page, { type: 'web' })
  const { keyboard } = page
  await enter(page, page.getByRole('link', { name: 'Add the address that logins lead back to.' }))
  await enter(page, page.getByRole('button', { name: 'Add redirect address' }))
  await expect(page.getByRole('textbox', { name: 'Redirect addresses 1' })).toBeFocused()
  await keyboard.type('https://shop.example/one')
  await keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Redirect addresses 2' })).toBeFocused()
  await keyboard.type('https://shop.example/two')
  const pkce = page.getByRole('switch', { name: 'Demand PKCE' })
  await expect(pkce).toBeChecked()
  await tabTo(page, pkce)
  await keyboard.press('Space')
  await keyboard.press('Control+s')
  await expect(save(page)).toHaveCount(0)
  expect(await saved()).toMatchObject({
    redirectUris: ['https://shop.example/one', 'https://shop.example/two'],
  })
  expect(await saved()).not.toHaveProperty('forcePKCE')
  await enter(page, section(page, 'Overview'), { backwards: true })
  await enter(page, page.getByRole('button', { name: 'Add a secret…' }))
  await expect(page.getByRole('dialog', { name: 'Add a secret' }).getByRole('textbox', { name: 'Name' })).toBeFocused()
  await keyboard.type('CI')
  await keyboard.press('Enter')
  await enter(page, page.getByRole('button', { name: 'I have stored it' }))
  await expect(page.getByRole('region', { name: 'Secrets' }).getByRole('listitem')).toHaveCount(2)
})

test('what cannot get tokens by itself is offered nowhere for it', async ({ page }) => {
  await call(page, 'overview.perform', { step: 'deploy' })
  const [domain] = await call(page, 'domains.list', {})
  await call(page, 'applications.create', { domainId: domain!.id, name: 'Front', type: 'browser' })
  await call(page, 'applications.create', { domainId: domain!.id, name: 'Guard', type: 'resource_server' })
  await goTo(page, '/console')
  await page.getByRole('combobox', { name: 'Application' }).click()
  await expect(page.getByRole('option')).toHaveText(['orders-service'])
  await page.keyboard.press('Escape')
  const [api] = await call(page, 'apis.list', {})
  await goTo(page, `/apis/${api!.definition.id}/resources`)
  await page.getByRole('combobox', { name: 'Application' }).click()
  await expect(page.getByRole('option')).toHaveText([/^orders-service/, /^Guard/])
})

test('the kind of an application changes with what goes with it, and back', async ({ page }) => {
  const { saved } = await openApplication(page, { type: 'service' }, 'settings')
  const kind = page.getByRole('combobox', { name: 'Kind' })
  const choose = async (label: string) => {
    await kind.click()
    await page.getByRole('option', { name: label, exact: true }).click()
  }
  await choose('Single page')
  await expect(page.getByRole('status').filter({ hasText: 'authorization code, refresh token' })).toContainText(
    'Saving removes its secrets',
  )
  await choose('Service')
  await expect(save(page)).toHaveCount(0)

  await choose('Single page')
  await save(page).click()
  await expect(save(page)).toHaveCount(0)
  expect(await saved()).toMatchObject({ type: 'browser', grantTypes: ['authorization_code', 'refresh_token'] })
  expect((await saved()).clientSecret).toBeUndefined()

  await choose('Web')
  await save(page).click()
  await page.getByRole('button', { name: 'I have stored it' }).click()
  expect((await saved()).clientSecret).toBeDefined()
})

test('a secret ends on the day that a person chooses', async ({ page }) => {
  const { saved } = await openApplication(page, { type: 'service' })
  await page.getByRole('button', { name: 'Add a secret…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a secret' })
  await dialog.getByRole('combobox', { name: 'It ends' }).click()
  await page.getByRole('option', { name: 'On a day…' }).click()
  const add = dialog.getByRole('button', { name: 'Add secret' })
  await add.click()
  await expect(dialog).toContainText('Choose the last day on which it is good.')
  const day = dialog.getByLabel('It ends: last day')
  await day.fill('2020-01-31')
  await expect(dialog).toContainText('That day is over')
  await day.fill('2099-01-31')
  await add.click()
  await page.getByRole('button', { name: 'I have stored it' }).click()
  const [secret] = (await saved()).furtherSecrets ?? []
  expect(secret?.expiresAt).toBe(await page.evaluate(() => new Date('2099-01-31T23:59:59.999').toISOString()))
})
