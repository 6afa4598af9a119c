import { expect, type Locator, type Page } from '@playwright/test'
import { call } from './bridge'

export async function newDomain(page: Page): Promise<string> {
  return (await call(page, 'domains.create', { name: 'Orders' })).id
}

export const main = (page: Page) => page.getByRole('main')
export const row = (page: Page, name: string) =>
  main(page)
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
export const savingOf = (page: Page) => page.getByRole('region', { name: 'Unsaved changes' })

/** Fills a field and expects to be told why that will not do, with what was typed still there. */
export async function expectTold(box: Locator, input: string, says: RegExp): Promise<void> {
  await box.fill(input)
  await expect(box.page().getByText(says).first()).toBeVisible()
  await expect(box).toHaveValue(input)
  await expect(box).toHaveAttribute('aria-invalid', 'true')
}
