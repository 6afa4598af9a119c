import type { Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { expect, test } from './fixtures'

/** What a form answers to one input: the words a person reads beside the field. */
interface BadInput {
  readonly field: string
  readonly input: string
  readonly says: RegExp
}

/** Fills a field of a dialog, tries to finish, and expects to be told why not, with what was typed still there. */
async function expectRefused(page: Page, button: string, { field, input, says }: BadInput): Promise<void> {
  const dialog = page.getByRole('dialog')
  const box = dialog.getByRole('textbox', { name: field, exact: true })
  await box.fill(input)
  await dialog.getByRole('button', { name: button }).click()
  await expect(dialog.getByText(says)).toBeVisible()
  await expect(box).toHaveValue(input)
  await expect(box).toHaveAttribute('aria-invalid', 'true')
}

test('a new domain wants a name and a path of its own', async ({ page }) => {
  await call(page, 'domains.create', { name: 'Taken' })
  await goTo(page, '/domains')
  await page.getByRole('button', { name: 'New domain' }).click()
  const dialog = page.getByRole('dialog', { name: 'New domain' })
  await dialog.getByRole('button', { name: 'Create domain' }).click()
  await expect(dialog.getByText('Give it a name.')).toBeVisible()

  await dialog.getByRole('textbox', { name: 'Name' }).fill('Orders & Łódź')
  for (const bad of [
    { field: 'Path', input: '', says: /needs a path/ },
    { field: 'Path', input: 'Orders', says: /lower case/ },
    { field: 'Path', input: 'my orders', says: /a space/ },
    { field: 'Path', input: '../etc', says: /“\.”/ },
    { field: 'Path', input: '-orders', says: /starts and ends/ },
    { field: 'Path', input: 'x'.repeat(65), says: /At most 64/ },
    { field: 'Path', input: 'taken', says: /Another domain has the path/ },
    { field: 'Name', input: 'n'.repeat(129), says: /At most 128/ },
  ]) {
    if (bad.field === 'Name') await dialog.getByRole('textbox', { name: 'Path' }).fill('orders')
    await expectRefused(page, 'Create domain', bad)
  }
  expect(await call(page, 'domains.list', {})).toHaveLength(1)

  await dialog.getByRole('textbox', { name: 'Name' }).fill('Orders')
  await dialog.getByRole('button', { name: 'Create domain' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible()
})

test('a new application wants a name', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await goTo(page, `/domains/${domain.id}/applications`)
  await page.getByRole('button', { name: 'New application' }).click()
  await expectRefused(page, 'Create application', { field: 'Name', input: '   ', says: /Give it a name/ })
  await expectRefused(page, 'Create application', { field: 'Name', input: 'n'.repeat(129), says: /At most 128/ })
})

test('a scope is what RFC 6749 §3.3 allows, once', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await call(page, 'domains.saveScope', { domainId: domain.id, scope: { key: 'read' } })
  await goTo(page, `/domains/${domain.id}/scopes`)
  await page.getByRole('button', { name: 'New scope' }).click()
  for (const bad of [
    { field: 'Key', input: '', says: /as clients ask for it/ },
    { field: 'Key', input: 'read write', says: /no spaces/ },
    { field: 'Key', input: 'lesen"', says: /printable ASCII/ },
    { field: 'Key', input: 'größe', says: /printable ASCII/ },
    { field: 'Key', input: 'x'.repeat(129), says: /At most 128/ },
    { field: 'Key', input: 'read', says: /has the scope read already/ },
  ]) {
    await expectRefused(page, 'Add scope', bad)
  }
})

test('what an application may not be is told at its field, and cannot be saved', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  const { application } = await call(page, 'applications.create', { domainId: domain.id, name: 'orders-service' })
  await goTo(page, `/domains/${domain.id}/applications/${application.id}`)
  const save = page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ })
  for (const { field, input, says } of [
    { field: 'Name', input: '', says: /Give it a name/ },
    { field: 'Lifetime in seconds', input: '0', says: /Whole seconds/ },
    { field: 'Lifetime in seconds', input: '1.5', says: /Whole seconds/ },
    { field: 'Lifetime in seconds', input: '31536001', says: /Whole seconds/ },
    { field: 'Lifetime in seconds', input: '', says: /Whole seconds/ },
  ]) {
    const box = page.getByLabel(field, { exact: true })
    await box.fill(input)
    await expect(page.getByText(says)).toBeVisible()
    await expect(save).toBeDisabled()
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect(save).toHaveCount(0)
  }
})

test('a domain is deleted only by its name', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await goTo(page, `/domains/${domain.id}/settings`)
  await page.getByRole('button', { name: /^Delete domain/ }).click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Delete domain' })
  await dialog.getByRole('textbox').fill('orders')
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('textbox').fill('Orders')
  await confirm.click()
  await expect(page.getByRole('heading', { level: 1, name: 'Domains' })).toBeVisible()
  expect(await call(page, 'domains.list', {})).toEqual([])
})
