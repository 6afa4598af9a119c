import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { firstApi, firstApplication } from './support/drafts'
import { addresses } from './support/protected-api'

test('the tokens of a domain are seen, inspected and taken back', async ({ page }) => {
  const { id: domainId } = await call(page, 'domains.create', { name: 'Lab', path: 'lab' })
  await call(page, 'users.create', { domainId, username: 'ada', password: 'correct horse' })
  const { application, clientSecret } = await call(page, 'applications.create', {
    domainId,
    name: 'Shop',
    type: 'web',
    grantTypes: ['password', 'refresh_token', 'client_credentials'],
  })
  const { authorization } = await addresses(page)
  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(`${authorization}/lab/oauth/${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${application.clientId}:${clientSecret}`)}` },
      body: new URLSearchParams(form),
    })
    return (await response.json()) as { access_token: string; active: boolean }
  }
  const logIn = () => post('token', { grant_type: 'password', username: 'ada', password: 'correct horse' })

  await goTo(page, `/domains/${domainId}/tokens`)
  await expect(page.getByText('No user’s tokens are live.')).toBeVisible()
  const first = (await logIn()).access_token
  const grants = page.getByRole('table', { name: 'Tokens of users' })
  await expect(grants).toContainText('ada')

  const token = page.getByRole('textbox', { name: 'Token' })
  await token.fill(first)
  await page.getByRole('button', { name: 'Inspect' }).click()
  await expect(page.getByText('An access token of ada for Shop.')).toBeVisible()
  await grants.getByRole('button', { name: 'Revoke: ada, Shop' }).click()
  await expect(page.getByText('No user’s tokens are live.')).toBeVisible()
  await page.getByRole('button', { name: 'Inspect' }).click()
  await expect(page.getByText('It was revoked with all tokens of its grant')).toBeVisible()
  expect(await post('introspect', { token: first })).toEqual({ active: false })

  const own = (await post('token', { grant_type: 'client_credentials' })).access_token
  const alone = (await logIn()).access_token
  const each = page.getByRole('table', { name: 'Access tokens' })
  await expect(each.getByRole('row')).toHaveCount(3)
  await expect(each).toContainText('the application itself')
  await each.getByRole('button', { name: /^Revoke: ada, Shop/ }).click()
  await expect(each.getByRole('row')).toHaveCount(2)
  await expect(each).not.toContainText('ada')
  expect(await post('introspect', { token: alone })).toEqual({ active: false })
  await page.getByRole('combobox', { name: 'Application' }).click()
  await page.getByRole('option', { name: 'Shop' }).click()
  await page.getByRole('button', { name: 'Revoke every token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('Shop')
  await dialog.getByRole('button', { name: 'Revoke every token' }).click()
  await expect(page.getByText('Every token of Shop is revoked', { exact: true }).first()).toBeVisible()
  expect(await post('introspect', { token: own })).toEqual({ active: false })

  await token.fill('nonsense')
  await page.getByRole('button', { name: 'Inspect' }).click()
  await expect(page.getByText('It is not a JWT')).toBeVisible()
  await logIn()
  await expect(grants).toContainText('ada')
  await token.fill((await logIn()).access_token)
  await page.getByRole('button', { name: 'Inspect' }).click()
  await expect(page.getByText('An access token of ada for Shop.')).toBeVisible()
})

test('the stores of every page listen on beside the tables of the tokens, and the window does not complain', async ({
  page,
}) => {
  await call(page, 'overview.perform', { step: 'api' })
  const { domainId } = await firstApplication(page)
  const { id: apiId } = (await firstApi(page)).definition
  await goTo(page, `/domains/${domainId}/users`)
  await expect(page.getByRole('button', { name: 'New user' }).first()).toBeVisible()
  await goTo(page, `/apis/${apiId}/endpoints`)
  await expect(page.getByRole('button', { name: 'Add an endpoint' })).toBeVisible()
  await goTo(page, `/domains/${domainId}/tokens`)
  await expect(page.getByRole('heading', { name: 'Consents' })).toBeVisible()
})
