import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import type { ApiDefinition, Step } from '@shared/api-definition'
import { readPublishedSchema } from '@shared/published-schema'
import { everyConstruct } from '../src-renderer/components/schema-form/every-construct.testing'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { offerPolicy } from './support/offer-policy'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

const step = (policy: string, name: string, more: Partial<Step> = {}): Step => ({
  ...{ name, policy, enabled: true, configuration: {} },
  ...more,
})
const setHeader = (name: string, value: string): Step =>
  step('transform-headers', name, { configuration: { addHeaders: [{ name: 'X-Mark', value }] } })

/** An API with one flow of these steps, open in the studio. */
async function openStudio(page: Page, request: Step[] = [], response: Step[] = []) {
  const { definition, version } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  const flows = [{ ...definition.flows[0]!, request, response }]
  await call(page, 'apis.save', { apiId: definition.id, version, definition: { ...definition, flows } })
  await goTo(page, `/apis/${definition.id}/policies`)
  const apiId = definition.id
  const read = async (): Promise<ApiDefinition> => (await call(page, 'apis.get', { apiId })).definition
  const names = async (phase: 'request' | 'response', flow = 0) =>
    (await read()).flows[flow]?.[phase].map(({ name }) => name)
  return { apiId, read, names }
}
const phase = (page: Page, name: 'Request' | 'Response') => page.getByRole('region', { name, exact: true })
const stepIn = (page: Page, of: 'Request' | 'Response', name: string) =>
  phase(page, of).getByRole('button', { name: new RegExp(`^${name}`) })
const deploy = async (page: Page) => {
  await page.getByRole('region', { name: 'Not deployed yet' }).getByRole('button', { name: 'Deploy' }).click()
  await expect(page.getByText(/Revision \d+ running/)).toBeVisible()
  await expect(page.getByRole('region', { name: 'Not deployed yet' })).toBeHidden()
}
/** As a hand does it: the drag begins with the first move, and the target is told of the second. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.hover()
  await page.mouse.down()
  const box = (await to.boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 - 2, { steps: 4 })
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 2 })
}

test('steps are reordered, moved to the other phase, copied, switched and removed by the keyboard, and all of it is undone', async ({
  page,
}) => {
  const { names, read } = await openStudio(page, [setHeader('One', '1'), setHeader('Two', '2')])
  await stepIn(page, 'Request', 'One').focus()
  await page.keyboard.press('Alt+ArrowRight')
  await expect.poll(() => names('request')).toEqual(['Two', 'One'])
  await expect(stepIn(page, 'Request', 'One')).toBeFocused()
  await page.keyboard.press('Alt+ArrowDown')
  await expect.poll(() => names('response')).toEqual(['One'])
  await expect(stepIn(page, 'Response', 'One')).toBeFocused()
  await page.keyboard.press('Control+d')
  await expect.poll(() => names('response')).toEqual(['One', 'One'])
  await page.keyboard.press('Delete')
  await expect.poll(() => names('response')).toEqual(['One'])

  await stepIn(page, 'Request', 'Two').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Turn off' }).click()
  await expect(stepIn(page, 'Request', 'Two')).toContainText('Off')
  await expect.poll(async () => (await read()).flows[0]?.request[0]?.enabled).toBe(false)

  await page.getByRole('heading', { level: 1 }).click()
  for (let edits = 0; edits < 5; edits += 1) await page.keyboard.press('Control+z')
  await expect.poll(() => names('request')).toEqual(['One', 'Two'])
  expect(await names('response')).toEqual([])
  await page.keyboard.press('Control+Shift+z')
  await expect.poll(() => names('request')).toEqual(['Two', 'One'])
})

test('policies and steps are dragged onto the chain, and a phase says which it does not take', async ({ page }) => {
  const { names } = await openStudio(page, [setHeader('One', '1')])
  const catalogue = page.getByRole('complementary', { name: 'Policies' })
  const end = phase(page, 'Response').getByText('Drop a policy')
  await drag(page, catalogue.getByRole('button', { name: /^Rate limit/ }), end)
  await expect(phase(page, 'Response').getByText('Does not run on the response')).toBeVisible()
  await page.mouse.up()
  expect(await names('response')).toEqual([])

  await drag(page, catalogue.getByRole('button', { name: /^Rate limit/ }), page.locator('[data-gap="request-0"]'))
  await expect(page.locator('[data-gap="request-0"]')).toHaveClass(/text-primary/)
  await expect(page.locator('[data-gap="request-0"]')).toHaveClass(/bg-primary\/15/)
  await page.mouse.up()
  await expect.poll(() => names('request')).toEqual(['Rate limit', 'One'])
  await drag(page, stepIn(page, 'Request', 'One'), end)
  await expect(phase(page, 'Response').getByText('Drop here')).toBeVisible()
  await page.mouse.up()
  await expect.poll(() => names('response')).toEqual(['One'])
})

test('flows are chosen by path, method and condition, ordered, and only the best of them runs when that is wanted', async ({
  page,
}) => {
  const { apiId, read } = await openStudio(page, [setHeader('All', 'all')])
  const { gateway } = await addresses(page)
  const mark = async (path: string, method = 'GET') => {
    const answer = await fetch(`${gateway}/orders${path}`, { method })
    const text = await answer.text()
    return answer.status === 200 ? ((JSON.parse(text) as { headers: Record<string, string> }).headers['X-Mark'] ?? '') : answer.status // prettier-ignore
  }
  const flows = page.getByRole('navigation', { name: 'Flows' })
  await flows.getByRole('button', { name: 'Add a flow', exact: true }).click()
  const settings = page.getByRole('region', { name: /^Flow Flow 2/ })
  await settings.getByRole('button', { expanded: false }).first().click()
  await page.getByRole('textbox', { name: 'Name' }).fill('One order')
  await page.getByRole('textbox', { name: 'Path' }).fill('/items/:id')
  await expect(page.getByText(":id takes any one segment, read as {#request.pathParams['id'][0]}")).toBeVisible()
  await page.getByRole('combobox', { name: 'Matches' }).click()
  await page.getByRole('option', { name: 'exactly' }).click()
  await page.getByRole('button', { name: 'GET', exact: true }).click()
  await page.getByRole('textbox', { name: 'Condition' }).fill("{#request.pathParams['id'][0] != '0'}")
  await expect
    .poll(async () => (await read()).flows[1]?.selectors)
    .toEqual([
      { type: 'http', path: '/items/:id', pathOperator: 'EQUALS', methods: ['GET'] },
      { type: 'condition', condition: "{#request.pathParams['id'][0] != '0'}" },
    ])
  const { definition, version } = await call(page, 'apis.get', { apiId })
  const withStep = definition.flows.with(1, { ...definition.flows[1]!, request: [setHeader('One', "item {#request.pathParams['id'][0]}")] }) // prettier-ignore
  await call(page, 'apis.save', { apiId, version, definition: { ...definition, flows: withStep } })
  await deploy(page)
  expect([await mark('/items/7'), await mark('/items/0'), await mark('/items/7', 'POST'), await mark('/items/7/x')]).toEqual(['item 7', 'all', 'all', 'all']) // prettier-ignore

  await test.step('the order is changed by key and by mouse', async () => {
    const named = async () => (await read()).flows.map(({ name }) => name)
    await flows.getByRole('button', { name: /^One order/ }).focus()
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(named).toEqual(['One order', 'All paths'])
    await expect(flows.getByRole('button', { name: /^One order/ })).toBeFocused()
    await deploy(page)
    expect(await mark('/items/7')).toBe('all')
    await drag(
      page,
      flows.getByRole('button', { name: /^All paths/ }),
      flows.getByRole('button', { name: /^One order/ }),
    )
    const box = (await flows.getByRole('button', { name: /^One order/ }).boundingBox())!
    await page.mouse.move(box.x + 20, box.y + 4, { steps: 2 })
    await page.mouse.up()
    await expect.poll(named).toEqual(['All paths', 'One order'])
  })

  await test.step('a flow is switched off and copied from its menu', async () => {
    await flows.getByRole('button', { name: 'Actions of flow One order' }).click()
    await page.getByRole('menuitem', { name: 'Duplicate' }).click()
    await flows.getByRole('button', { name: 'Actions of flow One order copy' }).click()
    await page.getByRole('menuitem', { name: 'Turn off' }).click()
    await expect(flows.getByRole('button', { name: /^One order copy/ })).toContainText('(off)')
  })

  await test.step('only the best match runs, and one must match', async () => {
    await flows.getByRole('button', { name: 'Actions of flow All paths' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await flows.getByRole('button', { name: /^Which flows run/ }).click()
    const group = page.getByRole('group', { name: 'Which flows run' })
    await group.getByRole('radio', { name: 'Only the best match' }).click()
    await group.getByRole('switch', { name: 'A flow must match' }).click()
    await page.keyboard.press('Escape')
    await expect(flows.getByRole('button', { name: 'Which flows run: Best match only · One must match' })).toBeVisible()
    await expect.poll(async () => (await read()).flowExecution).toEqual({ mode: 'best-match', matchRequired: true })
    await deploy(page)
    expect([await mark('/items/7'), await mark('/elsewhere')]).toEqual(['item 7', 404])
  })
  expect(await axe(page)).toEqual([])
})

const axe = async (page: Page) =>
  (await new AxeBuilder({ page }).include('main').setLegacyMode(true).analyze()).violations.map(
    ({ id, nodes }) => `${id} ${nodes[0]?.html}`,
  )

test('a form draws every construct of the published schemas, and saves what was typed and nothing else', async ({
  desktop,
  page,
}) => {
  const configuration = {
    mode: 'HARD',
    headers: [{ name: 'X-A', value: '1' }],
    patterns: ['^/a b'],
    rules: [{ path: '/a', methods: ['GET'], ranges: [[1, 2]] }],
    labels: { team: 'north' },
    security: { type: 'basic', username: 'ada' },
    store: { type: 'PEM', content: 'abc' },
    mechanism: { type: 'OAUTH' },
    cache: { on: true },
    target: ['a', 'b'],
    foreign: { kept: [true, null] },
    scope: 'REQUEST',
  }
  const { apiId, read } = await openStudio(page, [step('every-construct', 'Every construct', { configuration })])
  await offerPolicy(desktop.app, page, {
    ...{ id: 'every-construct', name: 'Every construct', summary: 'All of them', category: 'other' },
    ...{ icon: 'i-lucide-drama', phases: ['request'], guide: '# What it does\n\nNothing.', errors: [] },
    configuration: readPublishedSchema(everyConstruct),
  })
  await goTo(page, `/apis/${apiId}/policies?flow=0&phase=request&step=0`)
  const form = page.getByRole('region', { name: 'Step Every construct' })
  const saved = async () => (await read()).flows[0]?.request[0]?.configuration
  await expect(form.getByText('Also there, and kept as it is: foreign')).toBeVisible()
  await expect(form.getByText('When it runs: Once for each call.')).toBeVisible()
  await expect(form.getByRole('textbox', { name: 'Tolerance' })).toBeDisabled()
  await expect(form.getByText('Only for responses')).toHaveCount(0)

  await test.step('conditions show and hide', async () => {
    await form.getByRole('combobox', { name: 'Mode' }).click()
    await page.getByRole('option', { name: 'Never' }).click()
    await expect(form.getByText('Script', { exact: true })).toHaveCount(0)
    await expect(form.getByText('Body', { exact: true })).toHaveCount(0)
  })
  await test.step('what was typed in the other form of a one-of comes back', async () => {
    const security = form.getByRole('group', { name: 'Security' })
    await security.getByRole('radio', { name: 'Token' }).click()
    await security.getByRole('textbox', { name: 'Token' }).fill('t-1')
    await expect.poll(saved).toMatchObject({ security: { type: 'token', token: 't-1' } })
    await form.getByRole('tab', { name: 'Guide' }).click()
    await expect(form.getByRole('heading', { name: 'What it does' })).toBeVisible()
    await form.getByRole('tab', { name: 'Settings' }).click()
    await security.getByRole('radio', { name: 'Basic' }).click()
    await expect(security.getByRole('textbox', { name: 'Username' })).toHaveValue('ada')
    await expect.poll(async () => (await saved())?.security).toEqual({ type: 'basic', username: 'ada' })
  })
  await test.step('lists grow, move and shrink', async () => {
    const headers = form.getByRole('group', { name: 'Headers', exact: true })
    await headers.getByRole('button', { name: 'Add to Headers' }).click()
    await expect(headers.getByRole('textbox', { name: 'Name' }).nth(1)).toBeFocused()
    await page.keyboard.type('X-B')
    await headers.getByRole('textbox', { name: 'Value' }).nth(1).fill('2')
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(async () => (await saved())?.headers).toEqual([{ name: 'X-B', value: '2' }, { name: 'X-A', value: '1' }]) // prettier-ignore
    await headers.getByRole('button', { name: 'Remove Headers 1' }).click()
    const patterns = form.getByRole('group', { name: 'Patterns', exact: true })
    await patterns.getByRole('button', { name: 'Add to Patterns' }).click()
    await page.keyboard.type('two words, one entry')
    await expect.poll(async () => (await saved())?.patterns).toEqual(['^/a b', 'two words, one entry'])
    await form
      .getByRole('group', { name: 'Methods', exact: true })
      .first()
      .getByRole('checkbox', { name: 'PUT' })
      .click()
    await expect.poll(async () => (await saved())?.methods).toEqual(['PUT'])
  })
  await test.step('a map takes a name that is free', async () => {
    const labels = form.getByRole('group', { name: 'Labels', exact: true })
    await labels.getByRole('button', { name: 'Add to Labels' }).click()
    const name = labels.getByRole('textbox', { name: 'Name' }).nth(1)
    await name.fill('team')
    await expect(labels.getByText('Not saved: team is there already.')).toBeVisible()
    await name.fill('area')
    await labels.getByRole('textbox', { name: 'Value of area' }).fill('7')
    await expect.poll(async () => (await saved())?.labels).toEqual({ team: 'north', area: '7' })
  })
  expect(await saved()).toEqual({
    ...configuration,
    mode: 'OFF',
    patterns: ['^/a b', 'two words, one entry'],
    methods: ['PUT'],
    labels: { team: 'north', area: '7' },
  })
  expect(await axe(page)).toEqual([])
})
