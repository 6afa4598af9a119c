import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { enter, palette, tabTo } from './support/keyboard'
import { addresses } from './support/protected-api'

const petStore = `openapi: 3.1.0
info: { title: Pet store, version: '1.2' }
servers:
  - url: https://api.pets.example/pets
  - url: https://staging.pets.example/pets
paths:
  /cats/{catId}:
    get:
      operationId: oneCat
      parameters:
        - { name: catId, in: path, required: true, schema: { type: integer } }
      responses:
        200: { description: One, content: { application/json: { example: { name: Tom } } } }
  /dogs:
    get:
      operationId: dogs
      security: [{ login: [dogs.read] }]
      responses: {}
components:
  securitySchemes:
    login: { type: http, scheme: bearer }
`

const importDialog = (page: Page) => page.getByRole('dialog', { name: 'Import an API' })
const choose = (page: Page, name: string, content: string) =>
  importDialog(page)
    .getByLabel('File of an API')
    .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })

test('an OpenAPI document is pasted, looked at and imported by keyboard alone', async ({ page }) => {
  await palette(page, 'Import an API')
  const dialog = importDialog(page)
  await tabTo(page, dialog.getByRole('textbox', { name: 'Or paste it' }))
  await page.keyboard.insertText(petStore)
  await expect(dialog.getByRole('status')).toContainText('OpenAPI 3.1.0')
  await expect(dialog.getByRole('textbox', { name: 'Path' })).toHaveValue('/pets')

  const list = dialog.getByRole('region', { name: 'How each part fares' })
  await expect(list).toContainText('Keeps it from being deployed')
  await expect(list).toContainText('/resources/0/configuration/serverURL')
  await expect(list).toContainText('The server https://staging.pets.example/pets')
  await tabTo(page, list)

  await enter(page, dialog.getByRole('textbox', { name: 'Name' }), { backwards: true })
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Pet store')
  const [api] = await call(page, 'apis.list', {})
  expect(api!.definition.flows.map(({ name }) => name)).toEqual(['oneCat', 'dogs'])
  expect(api!.deployedRevision).toBeUndefined()
})

test('a file that is in the way of an API is imported beside it, or in its place', async ({ page }) => {
  await goTo(page, '/apis')
  await page.getByRole('main').getByRole('button', { name: 'Import' }).click()
  await choose(page, 'broken.json', '{\n  "openapi": "3.1.0",\n  oops\n}')
  await expect(importDialog(page).getByRole('alert')).toContainText(
    'broken.json, line 3, column 3: here it stops being JSON',
  )
  await expect(importDialog(page).getByRole('button', { name: 'Import API' })).toBeDisabled()

  await choose(page, 'pets.yaml', petStore)
  await importDialog(page).getByRole('checkbox', { name: 'Answer with the examples' }).click()
  await expect(importDialog(page).getByRole('region', { name: 'How each part fares' })).toContainText(
    '1 example, each the answer of a mock policy',
  )
  await importDialog(page).getByRole('checkbox', { name: 'Check what callers send' }).click()
  await importDialog(page).getByRole('radio', { name: 'Plans' }).click()
  const list = importDialog(page).getByRole('region', { name: 'How each part fares' })
  await expect(list).toContainText('1 operation that check what callers send')
  await expect(list).toContainText('login becomes an OAuth2 plan')
  const results = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  expect(results.violations).toEqual([])
  await importDialog(page).getByRole('button', { name: 'Import API' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Pet store')
  const [made] = await call(page, 'apis.list', {})
  expect(made!.definition.plans.map(({ security }) => security.type)).toEqual(['OAUTH2'])
  expect(made!.definition.flows[0]!.request.map(({ policy }) => policy)).toEqual(['policy-request-validation', 'mock'])

  await goTo(page, '/apis')
  await page.getByRole('main').getByRole('button', { name: 'Import' }).click()
  await choose(page, 'pets.yaml', petStore)
  await expect(importDialog(page)).toContainText('The path /pets belongs to the API Pet store.')
  await expect(importDialog(page).getByRole('textbox', { name: 'Name' })).toHaveValue('Pet store 2')
  await importDialog(page).getByRole('textbox', { name: 'Path' }).fill('/pets')
  await importDialog(page).getByRole('button', { name: 'Import API' }).click()
  await expect(importDialog(page)).toContainText('Give another path, or replace the draft of Pet store.')
  await importDialog(page).getByRole('textbox', { name: 'Path' }).fill('/animals')
  await importDialog(page).getByRole('button', { name: 'Import API' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Pet store 2')

  await goTo(page, '/apis')
  await page.getByRole('main').getByRole('button', { name: 'Import' }).click()
  const cats = petStore.replace(/ {2}\/dogs:[\s\S]*?(?=components)/, '')
  await choose(page, 'pets.yaml', cats)
  await importDialog(page).getByRole('radio', { name: 'Replace the draft of Pet store' }).click()
  await importDialog(page).getByRole('button', { name: 'Replace draft' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Pet store')
  const apis = await call(page, 'apis.list', {})
  expect(Object.fromEntries(apis.map(({ definition: { name, flows } }) => [name, flows.length]))).toEqual({
    'Pet store': 1,
    'Pet store 2': 2,
  })
})

test('an API is exported as a file, which can be imported again and answers', async ({ page, desktop, places }) => {
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, `/apis/${definition.id}/overview`)
  await page.getByRole('main').getByRole('button', { name: 'Export' }).click()
  const dialog = page.getByRole('dialog', { name: 'Export Orders' })
  await expect(dialog.getByRole('region', { name: 'orders.export.json' })).toContainText('"definitionVersion": "V4"')
  const results = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  expect(results.violations).toEqual([])
  await dialog.getByRole('radio', { name: 'YAML' }).click()
  await expect(dialog.getByRole('region', { name: 'orders.export.yaml' })).toContainText('definitionVersion: V4')
  await mkdir(places.home, { recursive: true })
  const file = join(places.home, 'orders.yaml')
  await desktop.app.evaluate(({ dialog: dialogs }, filePath) => {
    dialogs.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
  }, file)
  await dialog.getByRole('button', { name: 'Save as file…' }).click()
  await expect(page.getByText(file, { exact: true })).toBeVisible()
  await expect(dialog).toHaveCount(0)

  await goTo(page, '/apis')
  await page.getByRole('main').getByRole('button', { name: 'Import' }).click()
  await choose(page, 'orders.yaml', await readFile(file, 'utf8'))
  await importDialog(page).getByRole('textbox', { name: 'Name' }).fill('Orders again')
  await importDialog(page).getByRole('textbox', { name: 'Path' }).fill('/again')
  await importDialog(page).getByRole('button', { name: 'Import API' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Orders again')
  await page.getByRole('button', { name: 'Deploy' }).click()
  await expect(page.getByText('Revision 1 running')).toBeVisible()
  const { gateway } = await addresses(page)
  expect((await fetch(`${gateway}/again`)).status).toBe(200)
})
