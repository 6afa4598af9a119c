import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { firstApi, redeploy, withTarget } from './support/drafts'
import { closedPort } from './support/ports'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

const endpoints = (page: Page) => page.getByRole('navigation', { name: 'Endpoints' })
const row = (page: Page, name: string) => endpoints(page).getByRole('button', { name: new RegExp(`^${name} `) })
const editor = (page: Page, name: string) => page.getByRole('region', { name: `Endpoint ${name}` })

async function open(page: Page): Promise<string> {
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, `/apis/${definition.id}/endpoints`)
  return definition.id
}
const saved = (page: Page) => expect(page.getByRole('main').getByText('Saved', { exact: true })).toBeVisible()
/** The names of the endpoints, group by group, as they are saved. */
async function names(page: Page): Promise<string[][]> {
  const { definition } = await firstApi(page)
  return definition.endpointGroups.map((group) => group.endpoints.map(({ name }) => name))
}

test('an API needs no backend: a mock answers, as soon as it is deployed', async ({ page }) => {
  const apiId = await open(page)
  await editor(page, 'default').getByRole('radio', { name: 'A mock' }).click()
  await editor(page, 'default').getByRole('textbox', { name: 'Status' }).fill('201')
  await editor(page, 'default').getByRole('textbox', { name: 'Body' }).fill('{"path":"{#request.pathInfo}"}')
  await saved(page)
  await editor(page, 'default').getByRole('button', { name: 'Test' }).click()
  await expect(page.getByText('It answers 201 by itself, without a backend')).toBeVisible()
  expect(await findings(page)).toEqual([])

  await call(page, 'apis.deploy', { apiId })
  const answer = await fetch(`${(await addresses(page)).gateway}/orders/7`)
  expect([answer.status, await answer.json()]).toEqual([201, { path: '/7' }])
})

test('endpoints are added, duplicated, turned off, moved by keys and by mouse, and removed', async ({ page }) => {
  await open(page)
  await endpoints(page).getByRole('button', { name: 'Add an endpoint to default-group' }).click()
  await editor(page, 'endpoint').getByRole('textbox', { name: 'Name' }).fill('second')
  await expect(row(page, 'second')).toBeVisible()

  await endpoints(page).getByRole('button', { name: 'Actions of endpoint second' }).click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  await expect(editor(page, 'second-copy')).toBeVisible()
  await saved(page)
  expect(await names(page)).toEqual([['default', 'second', 'second-copy']])

  await row(page, 'second-copy').focus()
  await page.keyboard.press('Alt+ArrowUp')
  await expect(row(page, 'second-copy')).toBeFocused()
  await saved(page)
  expect(await names(page)).toEqual([['default', 'second-copy', 'second']])

  await endpoints(page).getByRole('button', { name: 'Add a group' }).click()
  await row(page, 'second-copy').dragTo(endpoints(page).getByRole('button', { name: /^group / }))
  await expect(endpoints(page).getByRole('region', { name: 'Group group' }).getByRole('listitem')).toHaveCount(2)
  await saved(page)
  expect(await names(page)).toEqual([
    ['default', 'second'],
    ['endpoint', 'second-copy'],
  ])

  await row(page, 'default').click()
  await editor(page, 'default').getByRole('switch', { name: 'On', exact: true }).click()
  await expect(row(page, 'default')).toContainText('(off)')
  await row(page, 'second').focus()
  await page.keyboard.press('Delete')
  await expect(row(page, 'second')).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(row(page, 'second')).toBeVisible()
  await saved(page)
  expect(await names(page)).toEqual([
    ['default', 'second'],
    ['endpoint', 'second-copy'],
  ])
})

test('a test tells truthfully whether the backend answers, and what to do when it does not', async ({ page }) => {
  await open(page)
  const server = createServer((_request, response) => void response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  const of = editor(page, 'default')
  await of.getByRole('radio', { name: 'An address' }).click()
  await of.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${port}/base`)
  await of.getByRole('button', { name: 'Test' }).click()
  await expect(of.getByText(/answers, with 404 after \d+ ms/)).toBeVisible()
  await expect(of.getByText('404 to GET /base')).toBeVisible()

  await of.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${await closedPort()}`)
  await of.getByRole('button', { name: 'Test' }).click()
  await expect(of.getByText(/nothing listens there/).first()).toBeVisible()
  await expect(of.getByText('Check the address, and that the backend runs.')).toBeVisible()
  await new Promise((resolve) => server.close(resolve))
})

test('a group shares its connection settings, and says when certificates are not verified', async ({ page }) => {
  const apiId = await open(page)
  await editor(page, 'default').getByRole('radio', { name: 'As default-group says' }).click()
  await endpoints(page)
    .getByRole('button', { name: /^default-group/ })
    .click()
  const group = page.getByRole('region', { name: 'Settings of group default-group' })
  await expect(group.getByText('Counts for default.')).toBeVisible()
  await group.getByRole('textbox', { name: 'Read time-out' }).fill('1234')
  await group.getByRole('button', { name: 'More options' }).last().click()
  await group.getByRole('switch', { name: 'Trust every certificate' }).click()
  await expect(group.getByText('The backend could be anybody')).toBeVisible()
  await group.getByRole('combobox', { name: 'Load balancing' }).click()
  await page.getByRole('option', { name: 'By chance, by weight' }).click()
  await saved(page)
  expect(await findings(page)).toEqual([])
  expect((await call(page, 'apis.get', { apiId })).definition.endpointGroups[0]).toMatchObject({
    loadBalancer: { type: 'weighted-random' },
    sharedConfiguration: { http: { readTimeout: 1234 }, ssl: { trustAll: true } },
  })
  await call(page, 'apis.deploy', { apiId })
  const { problems } = await call(page, 'workspace.get', {})
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('trusts every certificate')])
})

test('health checks are set up in the window, which then shows what they find', async ({ page }) => {
  const apiId = await open(page)
  let isWell = true
  const server = createServer((_request, response) => void response.writeHead(isWell ? 200 : 503).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  await redeploy(page, (api) => withTarget(api, `http://127.0.0.1:${port}`))
  await goTo(page, `/apis/${apiId}/endpoints?group=0`)
  const group = page.getByRole('region', { name: 'Settings of group default-group' })
  await group.getByRole('radio', { name: 'Checked as follows' }).click()
  await group.getByRole('textbox', { name: 'Schedule' }).fill('often')
  await saved(page)
  await page.getByRole('button', { name: /^Deploy/ }).click()
  await expect(group.getByText(/has 1 parts where six are wanted/)).toBeVisible()
  await group.getByRole('textbox', { name: 'Schedule' }).fill('* * * * * *')
  await group.getByRole('textbox', { name: 'Target' }).fill('/health')
  await saved(page)
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: /^Deploy/ }).click()

  await row(page, 'default').click()
  const health = editor(page, 'default').getByRole('region', { name: 'Health' })
  await expect(health.getByText(/200 after \d+ ms, as expected/).first()).toBeVisible()
  await expect(row(page, 'default')).toContainText('Up')
  isWell = false
  await expect(row(page, 'default')).toContainText('Down')
  await expect(health.getByText(/503 after \d+ ms, for which the assertion does not hold/).first()).toBeVisible()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
})

test('failover is switched on in the window, and another endpoint answers in place of one that is not there', async ({
  page,
}) => {
  const apiId = await open(page)
  const of = editor(page, 'default')
  await of.getByRole('radio', { name: 'An address' }).click()
  await of.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${await closedPort()}`)
  await endpoints(page).getByRole('button', { name: 'Add an endpoint to default-group' }).click()
  await endpoints(page).getByRole('button', { name: 'Failover Off' }).click()
  const failover = page.getByRole('region', { name: 'Failover' })
  await failover.getByRole('switch', { name: 'Try again when an endpoint fails' }).click()
  await failover.getByRole('textbox', { name: 'Retries' }).fill('1')
  await expect(endpoints(page).getByRole('button', { name: 'Failover On' })).toBeVisible()
  await saved(page)
  expect(await findings(page)).toEqual([])
  await call(page, 'apis.deploy', { apiId })
  const { gateway } = await addresses(page)
  expect([(await fetch(`${gateway}/orders`)).status, (await fetch(`${gateway}/orders`)).status]).toEqual([200, 200])
})
