import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'

test('the audit log of a domain tells who asked for what, and why it was refused', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Lab', path: 'lab' })
  const [shop, other] = [
    await call(page, 'applications.create', { domainId: domain.id, name: 'Shop' }),
    await call(page, 'applications.create', { domainId: domain.id, name: 'Warehouse' }),
  ]
  await goTo(page, `/domains/${domain.id}/audit`)
  await expect(page.getByRole('heading', { name: 'Nothing has happened here yet' })).toBeVisible()

  const { authorization } = await addresses(page)
  const askToken = (secret: string | undefined) =>
    fetch(`${authorization}/lab/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${shop.application.clientId}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
  await askToken(shop.clientSecret)
  await askToken(other.clientSecret)

  // The list grows by itself, and its rows are reached by the keyboard.
  const row = page.getByRole('button', { name: 'Token: The secret is that of application Warehouse, not of Shop' })
  await expect(row).toBeVisible()
  await expect(page.getByRole('button', { name: 'Token: A token for Shop, without scopes' })).toBeVisible()
  await row.focus()
  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Token' })
  await expect(detail).toContainText('CLIENT_SECRET_WRONG')
  await page.keyboard.press('Escape')
  await expect(row).toBeFocused()

  await page.getByRole('textbox', { name: 'Filter by user, client or reason' }).fill('client_credentials')
  await page.getByRole('combobox', { name: 'Outcome' }).click()
  await page.getByRole('option', { name: 'Succeeded' }).click()
  await expect(row).toBeHidden()
  await page.getByRole('combobox', { name: 'Event' }).click()
  await page.getByRole('option', { name: 'Login' }).click()
  await page.getByRole('button', { name: 'Show all' }).click()
  await row.click()
  await detail.getByRole('button', { name: 'Renew its secret' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Shop')

  await goTo(page, `/domains/${domain.id}/audit`)
  await page.getByRole('button', { name: 'Empty the log' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('Lab')
  await dialog.getByRole('button', { name: 'Empty the log' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing has happened here yet' })).toBeVisible()
})

test('what a browser keeps from a page, and a login that no key can sign for, lead to what mends them', async ({
  page,
}) => {
  const domain = await call(page, 'domains.create', { name: 'Lab', path: 'lab', signingAlgorithm: 'HS256' })
  const { application, clientSecret } = await call(page, 'applications.create', {
    domainId: domain.id,
    name: 'Warehouse',
  })
  const { authorization } = await addresses(page)
  await fetch(`${authorization}/lab/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${application.clientId}:${clientSecret}`)}`,
      origin: 'https://shop.example',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const single = await call(page, 'applications.create', {
    domainId: domain.id,
    name: 'Shop',
    type: 'browser',
    redirectUris: ['https://shop.example/'],
  })
  const login = new URLSearchParams({
    client_id: single.application.clientId,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  await fetch(`${authorization}/lab/oauth/authorize?${login}`, { redirect: 'manual' })

  await goTo(page, `/domains/${domain.id}/audit`)
  const kept = page.getByRole('button', {
    name: /origin https:\/\/shop\.example is not allowed by application Warehouse/,
  })
  await kept.click()
  const detail = page.getByRole('complementary', { name: /^(Token|Authorization)$/ })
  await expect(detail).toContainText('ORIGIN_NOT_ALLOWED')
  await detail.getByRole('button', { name: 'Open Warehouse' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Warehouse')

  await goTo(page, `/domains/${domain.id}/audit`)
  await page.getByRole('button', { name: /has no key pair to sign ID tokens with/ }).click()
  await detail.getByRole('button', { name: 'Add a key, such as RS256' }).click()
  await expect(page.getByRole('table', { name: 'Keys of Lab' })).toBeVisible()
})
