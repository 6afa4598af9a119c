import { expect, test } from './fixtures'
import { addresses, apiPath, callStatus } from './support/protected-api'

const steps = [
  'Create an application',
  'Create an API',
  'Add the authorization server as a resource',
  'Drag the OAuth2 policy onto the path',
  'Deploy',
  'See a call refused',
  'Get a token and see it answered',
]

/** A button of a step: what it does, and for the screen reader the step it belongs to. */
const named = (action: string, title: string) => new RegExp(`^${action}\\s*:?\\s*${title}$`)

test('each step of the checklist does itself on request, and ticks', async ({ page }) => {
  const list = page.getByRole('region', { name: 'Secure your first API' })
  await expect(list.getByRole('status')).toHaveText('0 of 7')
  for (const [index, title] of steps.entries()) {
    const item = list.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title, exact: true }) })
    await expect(item).toHaveAttribute('aria-current', 'step')
    await item.getByRole('button', { name: named('Do it for me', title) }).click()
    await expect(item.getByRole('img', { name: 'Done' }).or(item.getByLabel('Done'))).toBeVisible()
    await expect(list.getByRole('status')).toHaveText(`${index + 1} of 7`)
  }
  await expect(list).toContainText('All done')
})

test('the last step does what it needs first, and ticks nothing that did not happen', async ({ page }) => {
  await page.getByRole('button', { name: named('Do it for me', steps[6]!) }).click()
  // No call was refused on the way: that step stays open.
  await expect(page.getByText('6 of 7')).toBeVisible()
  const { gateway } = await addresses(page)
  expect(await callStatus(gateway + (await apiPath(page)))).toBe(401)
})

test('take me there leads to the page of each step', async ({ page }) => {
  const places = ['Domains', 'APIs', 'APIs', 'APIs', 'APIs', 'Console', 'Console']
  for (const [index, title] of steps.entries()) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('link', { name: named('Take me there', title) }).click()
    // Without an application or an API the place opens the dialog for a new one.
    if (places[index] !== 'Console') {
      await expect(page.getByRole('dialog')).toBeVisible()
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toHaveCount(0)
    }
    const current = page.getByRole('navigation', { name: 'Pages' }).locator('[aria-current="page"]')
    await expect(current).toContainText(places[index]!)
  }
})
