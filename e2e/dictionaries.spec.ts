import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  const row = page.getByRole('row', { name: /Limits/ })
  await expect(row).toContainText("#dictionaries['limits']")
  expect(await findings(page)).toEqual([])
})

test('a dictionary gets its entries from an address, tells when it cannot, and keeps those of before', async ({
  page,
}) => {
  let body = '{"blue": "Paris", "green": "Lyon"}'
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  try {
    await goTo(page, '/dictionaries')
    await page.getByRole('button', { name: 'New dictionary' }).click()
    const dialog = page.getByRole('dialog', { name: 'New dictionary' })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Tenants')
    await dialog.getByRole('radio', { name: 'From an address, again and again' }).click()
    await dialog.getByRole('textbox', { name: 'Address' }).fill('tenants')
    await dialog.getByRole('button', { name: 'Create dictionary' }).click()
    await expect(dialog.getByText(/tenants is not an address/).first()).toBeVisible()
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${port}/tenants`)
    await dialog.getByRole('button', { name: 'Create dictionary' }).click()
    const entries = page.getByRole('table', { name: 'Entries' })
    await expect(entries.getByRole('row', { name: 'green Lyon' })).toBeVisible()
    await expect(page.getByRole('status').filter({ hasText: '2 entries' })).toBeVisible()

    await page.getByRole('button', { name: 'Add a header' }).click()
    const header = page.getByRole('list', { name: 'Headers' }).getByRole('listitem')
    await header.getByRole('textbox', { name: 'Header' }).fill('Authorization')
    await header.getByRole('switch', { name: 'Secret' }).click()
    await header.locator('input[type=password]').fill('Bearer hunter22')
    await page.keyboard.press('Control+s')
    await expect(header.getByText('Stored secret')).toBeVisible()
    await expect.poll(() => asked).toContain('Bearer hunter22')
    expect(JSON.stringify(await call(page, 'dictionaries.list', {}))).not.toContain('hunter22')
    expect(await findings(page)).toEqual([])

    body = 'none'
    await page.getByRole('button', { name: 'Ask now' }).click()
    await expect(page.getByText('The answer is not JSON', { exact: false }).first()).toBeVisible()
    await expect(entries.getByRole('row', { name: 'blue Paris' })).toBeVisible()
    await page.getByRole('switch', { name: 'Ask again and again' }).click()
    await goTo(page, '/dictionaries')
    await expect(page.getByRole('row', { name: /Tenants/ })).toContainText('From an address, stopped')
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
