import type { Locator, Page } from '@playwright/test'
import { goTo, settle } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { tabTo } from './support/keyboard'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

/** An API with a step whose condition is to be written, and names of its own. */
async function makeApi(page: Page): Promise<string> {
  const { definition, version } = await call(page, 'apis.create', { name: 'Cities', path: '/cities' })
  const step = { enabled: true, policy: 'mock', configuration: { status: '200', content: 'Hello' } }
  const selectors = [{ type: 'http' as const, path: '/:city', pathOperator: 'START_WITH' as const }]
  const flows = [{ name: 'All', enabled: true, selectors, request: [step], response: [] }]
  const properties = [{ key: 'capital', value: 'Paris' }]
  await call(page, 'apis.save', { apiId: definition.id, definition: { ...definition, flows, properties }, version })
  return definition.id
}
const toStep = (page: Page, apiId: string) => goTo(page, `/apis/${apiId}/policies?flow=0&phase=request&step=0`)
const conditionOf = async (page: Page, apiId: string) =>
  (await call(page, 'apis.get', { apiId })).definition.flows[0]!.request[0]!.condition

/** That a list stands straight below the field that it is for, and begins within it. */
async function expectBelow(list: Locator, field: Locator): Promise<void> {
  const [listed, typed] = [await list.boundingBox(), await field.boundingBox()]
  expect(listed!.y - (typed!.y + typed!.height)).toBeLessThan(12)
  expect(listed!.y).toBeGreaterThan(typed!.y)
  expect(listed!.x).toBeLessThan(typed!.x + typed!.width)
}

async function expectWithin(inner: Locator, outer: Locator): Promise<void> {
  const [is, bounds] = [await inner.boundingBox(), await outer.boundingBox()]
  expect(is!.x).toBeGreaterThanOrEqual(bounds!.x)
  expect(is!.x + is!.width).toBeLessThanOrEqual(bounds!.x + bounds!.width)
}

test('a condition is written with the keyboard alone, from what is offered', async ({ page }) => {
  const apiId = await makeApi(page)
  await toStep(page, apiId)
  const condition = page.getByRole('textbox', { name: 'Condition' })
  await tabTo(page, condition)
  await expect(condition).toHaveAccessibleDescription(/runs only when it is true/)
  const offers = page.getByRole('listbox', { name: 'Completions' })
  const take = async (typed: string, option: RegExp) => {
    await page.keyboard.type(typed)
    await expect(offers.getByRole('option', { name: option, selected: true })).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(offers).toBeHidden()
  }
  await page.keyboard.press('Control+Space')
  await expect(offers.getByRole('option', { name: /^\{#request/ })).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(offers).toBeHidden()

  await take('{#req', /^request.*The request/)
  await take('.pathP', /^pathParams.*Parameters of the flow’s path|^pathParams/)
  await take('[', /^city.*Parameter of a flow/)
  await page.keyboard.type('[0] == #')
  await take('prop', /^properties/)
  await take('[', /^capital.*Property of this API/)
  await expect(condition).toHaveText("{#request.pathParams['city'][0] == #properties['capital']}")
  await expect(condition).not.toHaveAttribute('aria-invalid', 'true')
  await expect.poll(() => conditionOf(page, apiId)).toBe("{#request.pathParams['city'][0] == #properties['capital']}")

  // Neither key keeps the focus.
  await page.keyboard.press('Tab')
  await expect(condition).not.toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(condition).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(condition).toHaveText("{#request.pathParams['city'][0] == #properties['capital']}")
})

test('names of a dictionary are offered', async ({ page }) => {
  const apiId = await makeApi(page)
  await call(page, 'dictionaries.create', { name: 'Tenants', properties: [{ key: 'blue', value: '1' }] })
  await toStep(page, apiId)
  await page.getByRole('textbox', { name: 'Condition' }).click()
  await page.keyboard.type('{#dictionaries[')
  await expect(page.getByRole('option', { name: /^tenants/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await page.keyboard.type('[')
  await expect(page.getByRole('option', { name: /^blue.*Value of the dictionary tenants/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Condition' })).toHaveText("{#dictionaries['tenants']['blue']}")
})

test('what cannot be read is underlined at its character, and told below the field', async ({ page }) => {
  const apiId = await makeApi(page)
  await toStep(page, apiId)
  const condition = page.getByRole('textbox', { name: 'Condition' })
  await condition.fill("{#request.mehtod == 'GET'}")
  await expect(condition).toHaveAccessibleDescription(/#request has no mehtod.*\(character 11\)/)
  await expect(condition).toHaveAttribute('aria-invalid', 'true')
  await expect(condition.locator('.cm-fault')).toHaveText('mehtod')
  await condition.fill('true == true')
  await expect(condition).toHaveAccessibleDescription(/A condition is an expression in braces/)
  await expect(condition.locator('.cm-fault')).toHaveText('true')
  expect(await findings(page)).toEqual([])
  await condition.fill("{#request.method == 'GET'}")
  await expect(condition).not.toHaveAttribute('aria-invalid', 'true')
  await expect(condition.locator('.cm-fault')).toHaveCount(0)

  // In a document the rest of it stays as it is.
  const content = page.getByRole('textbox', { name: 'Content' })
  await content.fill('{"id": "{#request.idd}",\n "city": "Paris"}')
  await expect(content.locator('.cm-fault')).toHaveText('idd')
  await expect.poll(async () => (await call(page, 'apis.get', { apiId })).definition.flows[0]!.request[0]!.configuration).toMatchObject({ content: '{"id": "{#request.idd}",\n "city": "Paris"}' }) // prettier-ignore
})

test('an expression is tried on a recorded request, and put back into the form', async ({ page }) => {
  const apiId = await makeApi(page)
  await call(page, 'traffic.configure', { traceAll: true })
  await call(page, 'apis.deploy', { apiId })
  const { gateway } = await addresses(page)
  await fetch(`${gateway}/cities/rome?old=1`)
  await fetch(`${gateway}/cities/paris?q=new`, {
    headers: { 'X-Tenant': 'blue', Authorization: 'Bearer secret-of-mine' },
  })
  await expect.poll(async () => (await call(page, 'traffic.list', { filter: { apiId } })).length).toBe(2)

  await toStep(page, apiId)
  await page.getByRole('button', { name: 'Try Condition' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try Condition' })
  await expect(dialog.getByLabel('Path and query')).toHaveValue('/cities/paris?q=new')
  await expect(dialog.getByLabel('Headers', { exact: true })).toHaveValue(/X-Tenant: blue/i)
  await expect(dialog.getByLabel('Headers', { exact: true })).not.toHaveValue(/secret-of-mine/)
  const text = dialog.getByRole('textbox', { name: 'Condition' })
  const value = dialog.getByRole('region', { name: 'Value', exact: true })
  await text.fill("{#request.headers['x-tenant'][0] == 'blue'}")
  await expect(value).toContainText('True or false')
  await expect(dialog.getByRole('region', { name: 'What it comes to' })).toHaveText('true')
  await dialog.getByLabel('Headers', { exact: true }).fill('X-Tenant: red')
  await expect(dialog.getByRole('region', { name: 'What it comes to' })).toHaveText('false')
  await settle(page)
  expect(await findings(page)).toEqual([])

  await text.fill('{#request.nothing}')
  await expect(value).toContainText('cannot be read from character 11 on')
  await expect(text.locator('.cm-fault')).toHaveText('nothing')
  await text.fill(`{${"#request.path != 'none' && ".repeat(4)}#request.}`)
  await text.press('End')
  await text.press('ArrowLeft')
  await page.keyboard.type('p')
  await expectWithin(dialog.getByRole('listbox', { name: 'Completions' }), dialog)
  await expectBelow(dialog.getByRole('listbox', { name: 'Completions' }), text)
  await page.keyboard.press('Escape')
  await expect(dialog.getByRole('listbox', { name: 'Completions' })).toBeHidden()
  await text.fill("{#request.params['q'][0] == 'new' && #request.pathParams['city'][0] == 'paris'}")
  await expect(dialog.getByRole('region', { name: 'What it comes to' })).toHaveText('true')
  await dialog.getByRole('combobox', { name: 'With the request' }).click()
  await page.getByRole('option', { name: /\/cities\/rome/ }).click()
  await expect(dialog.getByLabel('Path and query')).toHaveValue('/cities/rome?old=1')
  await expect(dialog.getByRole('region', { name: 'What it comes to' })).toHaveText('false')

  // Escape closes the list of what is offered first, and then the dialog.
  await text.press('End')
  await page.keyboard.press('Control+Space')
  await expect(dialog.getByRole('listbox', { name: 'Completions' })).toBeVisible()
  await expectBelow(dialog.getByRole('listbox', { name: 'Completions' }), text)
  await page.keyboard.press('Escape')
  await expect(dialog.getByRole('listbox', { name: 'Completions' })).toBeHidden()
  await dialog.getByRole('button', { name: 'Use this' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('textbox', { name: 'Condition' })).toHaveText(/^\{#request\.params\['q'\]/)
  await expect.poll(() => conditionOf(page, apiId)).toMatch(/^\{#request\.params/)
})

test('a long value leaves the form as wide as it is, and its button in sight', async ({ page }) => {
  const apiId = await makeApi(page)
  const { definition, version } = await call(page, 'apis.get', { apiId })
  const value = "{#request.headers['x-tenant'][0] != null ? #request.headers['x-tenant'][0] : 'nobody in particular'}"
  const step = { enabled: true, policy: 'transform-headers', configuration: { addHeaders: [{ name: 'A', value }] } }
  const flows = definition.flows.map((flow) => ({ ...flow, request: [step] }))
  await call(page, 'apis.save', { apiId, definition: { ...definition, flows }, version })
  await toStep(page, apiId)
  await expect(page.getByRole('textbox', { name: 'Value' })).toHaveText(value)
  await expect(page.getByRole('button', { name: 'Try Value' })).toBeInViewport({ ratio: 1 })
})

test('without any request one is made up, also for how a refusal is worded', async ({ page }) => {
  const apiId = await makeApi(page)
  await goTo(page, `/apis/${apiId}/responses`)
  await page.getByRole('button', { name: 'Add a template' }).click()
  await page.getByRole('textbox', { name: 'Body' }).fill('{"{#error.key}": {#error.status}}')
  await page.getByRole('button', { name: 'Try Body' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try Body' })
  await expect(dialog.getByRole('combobox', { name: 'With the request' })).toHaveText('A request made up here')
  await expect(dialog.getByRole('region', { name: 'What it comes to' })).toHaveText('{"DEFAULT": 403}')
  await dialog.getByLabel('Failure key').fill('JWT_INVALID_TOKEN')
  await expect(dialog.getByRole('region', { name: 'What it comes to' })).toHaveText('{"JWT_INVALID_TOKEN": 403}')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('textbox', { name: 'Body' })).toHaveText('{"{#error.key}": {#error.status}}')
})
