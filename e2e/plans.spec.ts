import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

/** An API, and an application that may subscribe to it. */
async function makeApi(page: Page): Promise<{ apiId: string; endpoint: string }> {
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await call(page, 'apis.deploy', { apiId: definition.id })
  const { id: domainId } = await call(page, 'domains.create', { name: 'Shop' })
  await call(page, 'applications.create', { domainId, name: 'Basket' })
  return { apiId: definition.id, endpoint: `${(await addresses(page)).gateway}/orders` }
}
const status = async (endpoint: string, key?: string) =>
  (await fetch(endpoint, key === undefined ? {} : { headers: { 'X-Gravitee-Api-Key': key } })).status
const axe = async (page: Page) =>
  (await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations.map(
    ({ id, nodes }) => `${id} ${nodes[0]?.html}`,
  )

test('a plan with keys is added and published, the one without closed, and an application subscribes', async ({
  page,
}) => {
  const { apiId, endpoint } = await makeApi(page)
  expect(await status(endpoint)).toBe(200)
  await goTo(page, `/apis/${apiId}/plans`)

  await page.getByRole('button', { name: 'Add a plan' }).click()
  await page.getByRole('menuitem', { name: /^API key/ }).click()
  const editor = page.getByRole('region', { name: 'Plan API key' })
  await expect(editor.getByText('Being prepared')).toBeVisible()
  await editor.getByRole('textbox', { name: 'Name' }).fill('Gold')
  expect(await axe(page)).toEqual([])
  await page.getByRole('region', { name: 'Plan Gold' }).getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByText('Calls without a credential come in by Keyless')).toBeVisible()

  // The order, by the keyboard.
  const plans = page.getByRole('navigation', { name: 'Plans' }).getByRole('listitem')
  await page.getByRole('navigation', { name: 'Plans' }).getByRole('button', { name: /^Gold/ }).focus()
  await page.keyboard.press('Alt+ArrowUp')
  await expect(plans.first()).toContainText('Gold')

  await plans.last().getByRole('button').click()
  await page.getByRole('region', { name: 'Plan Keyless' }).getByRole('button', { name: 'Close' }).click()
  await expect(page.getByText('Calls without a credential come in by Keyless')).toBeHidden()
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByText('Revision 2 running')).toBeVisible()
  expect(await status(endpoint)).toBe(401)

  await page.getByRole('link', { name: 'Subscriptions' }).click()
  await page.getByRole('button', { name: 'Subscribe an application' }).click()
  const dialog = page.getByRole('dialog', { name: 'Subscribe an application' })
  await expect(dialog.getByRole('combobox', { name: 'Plan' })).toContainText('Gold')
  await expect(dialog.getByRole('combobox', { name: 'Application' })).toContainText('Basket')
  await dialog.getByRole('button', { name: 'Subscribe', exact: true }).click()
  const shown = page.getByRole('dialog', { name: 'The API key of Basket' })
  const key = (await shown.getByTestId('api-key').innerText()).trim()
  expect(await status(endpoint, key)).toBe(200)
  await shown.getByRole('button', { name: 'I have stored it' }).click()
  await expect(page.getByRole('list', { name: 'API keys of Basket' })).toContainText(`…${key.slice(-4)}`)

  await page.getByRole('button', { name: 'Pause the subscription of Basket' }).click()
  await expect(page.getByText('Paused')).toBeVisible()
  expect(await status(endpoint, key)).toBe(401)
  await page.getByRole('button', { name: 'Resume the subscription of Basket' }).click()
  await expect(page.getByText('Accepted')).toBeVisible()

  await page.getByRole('button', { name: 'Dates of the subscription of Basket' }).click()
  const dates = page.getByRole('dialog', { name: 'When does the subscription of Basket count?' })
  await dates.getByLabel('Begins').fill('2198-01-01T08:00')
  await dates.getByLabel('Ends').fill('2197-01-01T08:00')
  await dates.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(dates).toContainText('It would end before it begins')
  await dates.getByLabel('Ends').fill('2199-01-01T08:00')
  expect(await axe(page)).toEqual([])
  await dates.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Subscriptions' })).toContainText('begins')
  expect(await status(endpoint, key)).toBe(401)
  await page.getByRole('button', { name: 'Dates of the subscription of Basket' }).click()
  await expect(dates.getByLabel('Begins')).toHaveValue('2198-01-01T08:00')
  for (const label of ['Begins', 'Ends']) await dates.getByLabel(label).fill('')
  await dates.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(dates).toBeHidden()
  expect(await status(endpoint, key)).toBe(200)

  await page.getByRole('button', { name: `Actions for the key …${key.slice(-4)}` }).click()
  await page.getByRole('menuitem', { name: 'Ends at…' }).click()
  const end = page.getByRole('dialog', { name: `When does the key …${key.slice(-4)} end?` })
  await end.getByLabel('Ends').fill('2199-01-01T08:00')
  await end.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(page.getByRole('list', { name: 'API keys of Basket' })).toContainText('ends')

  await page.getByRole('button', { name: 'Renew…' }).click()
  const renew = page.getByRole('dialog', { name: 'Renew the key of Basket' })
  await renew.getByRole('radio', { name: 'In an hour' }).click()
  await renew.getByRole('button', { name: 'Renew key' }).click()
  const second = (await shown.getByTestId('api-key').innerText()).trim()
  await shown.getByRole('button', { name: 'I have stored it' }).click()
  expect([await status(endpoint, key), await status(endpoint, second)]).toEqual([200, 200])
  await page.getByRole('button', { name: `Actions for the key …${key.slice(-4)}` }).click()
  await page.getByRole('menuitem', { name: 'Revoke…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click()
  await expect(page.getByRole('list', { name: 'API keys of Basket' })).toContainText('Revoked')
  expect([await status(endpoint, key), await status(endpoint, second)]).toEqual([401, 200])
})

test('the console says why a call has no plan, leads there, and sends the key of a subscription', async ({ page }) => {
  const { apiId, endpoint } = await makeApi(page)
  const { definition, version } = await call(page, 'apis.get', { apiId })
  const gold = { id: 'gold', name: 'Gold', security: { type: 'API_KEY' }, status: 'PUBLISHED' }
  await call(page, 'apis.save', { apiId, definition: { ...definition, plans: [gold] }, version })
  await call(page, 'apis.deploy', { apiId })
  await goTo(page, `/console?api=${apiId}`)
  await page.getByRole('radio', { name: 'None' }).click()
  await page.getByRole('textbox', { name: 'Address' }).fill(endpoint)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  const why = page.getByRole('complementary', { name: 'Why' })
  await expect(why).toContainText('Plan Gold wants an API key')
  await why.getByRole('button', { name: 'Open the subscriptions' }).click()
  await expect(page.getByText('Nobody has subscribed yet')).toBeVisible()

  const [domain] = await call(page, 'domains.list', {})
  const applicationId = domain!.applications[0]!.id
  await call(page, 'subscriptions.create', { apiId, planId: 'gold', domainId: domain!.id, applicationId })
  await expect(page.getByRole('list', { name: 'API keys of Basket' })).toBeVisible()
  expect(await axe(page)).toEqual([])
  await goTo(page, '/console')
  await page.getByRole('radio', { name: 'API key' }).click()
  await expect(page.getByRole('combobox', { name: 'Key of a subscription' })).toContainText('Basket at Orders')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(why).toContainText('The call comes from Basket, which has subscribed to it')
  expect(await axe(page)).toEqual([])
})

test('a plan has flows of its own, edited in the studio', async ({ page }) => {
  const { apiId } = await makeApi(page)
  await goTo(page, `/apis/${apiId}/plans`)
  await page.getByRole('link', { name: 'Edit its flows' }).click()
  const flows = page.getByRole('navigation', { name: 'Flows' })
  await expect(page.getByText('The plan Keyless has no flows of its own')).toBeVisible()
  await flows.getByRole('button', { name: 'Add a flow to plan Keyless' }).click()
  await page
    .getByRole('button', { name: /^Rate limit/ })
    .first()
    .focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Most requests', { exact: true }).fill('5')
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  const ofPlan = async () => (await call(page, 'apis.get', { apiId })).definition
  await expect.poll(async () => (await ofPlan()).plans[0]?.flows?.[0]?.request[0]?.configuration).toMatchObject({ rate: { limit: 5 } }) // prettier-ignore
  expect((await ofPlan()).flows.map(({ request }) => request)).toEqual([[]])
  // What is for every call stands above it, and takes it over.
  await flows
    .getByRole('region', { name: 'Every call' })
    .getByRole('button', { name: /^All paths/ })
    .click()
  await expect(page.getByRole('region', { name: 'Flow All paths' })).toBeVisible()
  await flows.getByRole('button', { name: 'Actions of flow Flow 1' }).click()
  await page.getByRole('menuitem', { name: 'Move to every call' }).click()
  await expect.poll(async () => (await ofPlan()).flows.map(({ name }) => name)).toEqual(['All paths', 'Flow 1'])
  expect((await ofPlan()).plans[0]?.flows).toEqual([])
})
