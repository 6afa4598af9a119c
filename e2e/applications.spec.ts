import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'

test('an application with users is made, set up and saved in the window', async ({ page }) => {
  const { id: domainId } = await call(page, 'domains.create', { name: 'Lab', path: 'lab' })
  await goTo(page, `/domains/${domainId}/applications`)
  await page.getByRole('button', { name: 'New application' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Shop')
  await dialog.getByRole('radio', { name: 'Single page' }).check()
  const redirect = dialog.getByRole('textbox', { name: 'Redirect address' })
  await redirect.fill('https://shop.example/#callback')
  await expect(dialog.getByText(/fragment|#/).first()).toBeVisible()
  await redirect.fill('https://shop.example/callback')
  await dialog.getByRole('button', { name: 'Create application' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Shop')

  const sections = page.getByRole('navigation', { name: 'Sections of Shop' })
  await sections.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Web shop')
  await page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Web shop')
  const [application] = (await call(page, 'domains.get', { domainId })).applications
  expect(application).toMatchObject({
    name: 'Web shop',
    type: 'browser',
    redirectUris: ['https://shop.example/callback'],
    scopeSettings: [{ scope: 'profile' }, { scope: 'email' }, { scope: 'offline_access' }],
  })
})
