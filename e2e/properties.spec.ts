import { goTo } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

test('a property and a secret one, read by a mock, and refusals in words of the API', async ({ page }) => {
  const { definition, version } = await call(page, 'apis.create', { name: 'Cities', path: '/cities' })
  const content = "{#api.properties['city']} {#api.properties['password'].length()}"
  const steps = [
    { enabled: true, policy: 'policy-request-validation', configuration: { status: '400', rules: [{ input: "{#request.params['q'][0]}", constraint: { type: 'NOT_NULL' } }] } },
    { enabled: true, policy: 'mock', configuration: { status: '200', content } },
  ] // prettier-ignore
  const selectors = [{ type: 'http' as const, path: '/', pathOperator: 'START_WITH' as const }]
  const flows = [{ name: 'All', enabled: true, selectors, request: steps, response: [] }]
  await call(page, 'apis.save', { apiId: definition.id, definition: { ...definition, flows }, version })

  await goTo(page, `/apis/${definition.id}/properties`)
  await page.getByRole('button', { name: 'Add a property' }).click()
  const [city, password] = [page.getByRole('listitem').filter({ hasText: 'Key' }).nth(0), page.getByRole('listitem').filter({ hasText: 'Key' }).nth(1)] // prettier-ignore
  await city.getByRole('textbox', { name: 'Key' }).fill('city')
  await city.getByRole('textbox', { name: 'Value' }).fill('Paris')
  await page.getByRole('button', { name: 'Add a property' }).click()
  await password.getByRole('textbox', { name: 'Key' }).fill('password')
  await password.getByRole('switch', { name: 'Secret' }).click()
  await password.locator('input[type=password]').fill('hunter22')
  await password.locator('input[type=password]').press('Enter')
  await expect(password.getByText('Stored secret')).toBeVisible()
  expect(await findings(page)).toEqual([])

  await goTo(page, `/apis/${definition.id}/responses`)
  await page.getByRole('button', { name: /problem details/ }).click()
  const preview = page.getByRole('region', { name: 'preview' })
  await expect(preview).toContainText('"title": "What the caller would be told"')
  await expect(preview).toContainText('Content-Type: application/problem+json')
  const headers = page.getByRole('textbox', { name: 'Headers' })
  await headers.fill('Content-Type: application/problem+json\nX-Reason: {#error.key}')
  await expect(preview).toContainText('X-Reason: DEFAULT')
  const body = page.getByRole('textbox', { name: 'Body' })
  await body.fill('{#error.nope}')
  await expect(page.getByText('#error has no nope')).toBeVisible()
  await body.fill('{"no": "{#error.key}"}')
  await expect(preview).toContainText('{"no": "DEFAULT"}')
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible()
  expect(await findings(page)).toEqual([])

  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByText(/Revision 1 running/)).toBeVisible()
  const { gateway } = await addresses(page)
  const answered = await fetch(`${gateway}/cities?q=1`)
  expect(await answered.text()).toBe('Paris 8')
  const refused = await fetch(`${gateway}/cities`)
  expect([refused.status, refused.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
  expect(await refused.text()).toBe('{"no": "REQUEST_VALIDATION_INVALID"}')
  const saved = await call(page, 'apis.get', { apiId: definition.id })
  expect(JSON.stringify(saved)).not.toContain('hunter22')
})
