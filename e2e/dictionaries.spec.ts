import { goTo } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

test('a dictionary is made, read by an API that is deployed once, changed, and deleted by its name', async ({
  page,
}) => {
  await page.keyboard.press('Control+k')
  await page
    .getByRole('dialog')
    .getByPlaceholder(/Go to a page/)
    .fill('new dictionary')
  await page.getByRole('option', { name: 'New dictionary' }).click()
  const dialog = page.getByRole('dialog', { name: 'New dictionary' })
  await dialog.getByRole('button', { name: 'Create dictionary' }).click()
  await expect(dialog.getByText('Give it a name.')).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Tenants')
  await dialog.getByRole('button', { name: 'Create dictionary' }).click()
  await expect(page.getByRole('heading', { name: 'Tenants', level: 1 })).toBeFocused()

  await page.getByRole('button', { name: 'Add an entry' }).click()
  const entry = (index: number) => page.getByRole('list', { name: 'Entries' }).getByRole('listitem').nth(index)
  await entry(0).getByRole('textbox', { name: 'Key' }).fill('blue')
  await entry(0).getByRole('textbox', { name: 'Value' }).fill('Paris')
  await page.getByRole('button', { name: 'Add an entry' }).click()
  await entry(1).getByRole('textbox', { name: 'Key' }).fill('password')
  await entry(1).getByRole('switch', { name: 'Secret' }).click()
  await entry(1).locator('input[type=password]').fill('abc')
  await page.keyboard.press('Control+s')
  await expect(page.getByText(/fewer than 4 characters/).first()).toBeVisible()
  await entry(1).locator('input[type=password]').fill('hunter22')
  await page.keyboard.press('Control+s')
  await expect(entry(1).getByText('Stored secret')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Unsaved changes' })).toBeHidden()
  expect(await findings(page)).toEqual([])

  const content =
    "{#dictionaries['tenants'][#request.params['t'][0]] ?: 'nowhere'} {#dictionaries['tenants']['password'].length()}"
  const { definition, version } = await call(page, 'apis.create', { name: 'Cities', path: '/cities' })
  const flows = [
    {
      name: 'All',
      enabled: true,
      selectors: [{ type: 'http' as const, path: '/', pathOperator: 'START_WITH' as const }],
      request: [{ enabled: true, policy: 'mock', configuration: { status: '200', content } }],
      response: [],
    },
  ]
  const apiId = definition.id
  await call(page, 'apis.save', { apiId, definition: { ...definition, flows }, version })
  await call(page, 'apis.deploy', { apiId })
  await expect(page.getByRole('link', { name: 'Cities' })).toBeVisible()
  const { gateway } = await addresses(page)
  const answer = async (tenant: string) => (await fetch(`${gateway}/cities?t=${tenant}`)).text()
  expect([await answer('blue'), await answer('red')]).toEqual(['Paris 8', 'nowhere 8'])

  await entry(0).getByRole('textbox', { name: 'Value' }).fill('Lyon')
  await page.getByRole('button', { name: /^Save/ }).click()
  await expect(page.getByRole('region', { name: 'Unsaved changes' })).toBeHidden()
  expect(await answer('blue')).toBe('Lyon 8')
  expect((await call(page, 'apis.get', { apiId })).inSync).toBe(true)

  await page.getByRole('button', { name: 'Delete dictionary…' }).click()
  const confirm = page.getByRole('dialog', { name: 'Delete Tenants?' })
  await expect(confirm).toContainText('Cities would read nothing in its place')
  await confirm.getByRole('textbox').fill('Tenants')
  await confirm.getByRole('button', { name: 'Delete dictionary' }).click()
  await expect(page.getByText('Values that all APIs share')).toBeVisible()
  expect(await answer('blue')).toBe('nowhere ')
  await goTo(page, '/settings')
  await expect(page.getByText(/reads the dictionary tenants, which is not in this workspace/)).toBeVisible()
})

test('a dictionary that nobody reads is deleted at once, and brought back by an undo', async ({ page }) => {
  const { id } = await call(page, 'dictionaries.create', {
    name: 'Limits',
    properties: [{ key: 'gold', value: '100' }],
  })
  await goTo(page, `/dictionaries/${id}`)
  await page.getByRole('button', { name: 'Delete dictionary' }).click()
  await expect(page.getByText('Dictionary Limits deleted').first()).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  const row = page.getByRole('row', { name: /Limits/ })
  await expect(row).toContainText("#dictionaries['limits']")
  expect(await findings(page)).toEqual([])
})
