import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { startServer, stopServer } from './support/ports'
import { addresses } from './support/protected-api'
import { changeDocument, setPorts } from './support/workspace'

test('a port that somebody else has: the app starts, says who, and moves to the offered port in one click', async ({
  places,
  start,
}) => {
  const { server, port } = await startServer()
  await setPorts(places.workspace, { gatewayPort: port })
  const { page } = await start()
  const status = page.getByRole('contentinfo', { name: 'Status' })
  await expect(status.getByRole('button', { name: /^Authorization server .* is listening/ })).toBeVisible()

  await status.getByRole('button', { name: `Gateway 127.0.0.1:${port} port taken` }).click()
  await expect(page.getByText('Gateway is not listening')).toBeVisible()
  await expect(page.getByText(new RegExp(`Port ${port} .*process ${process.pid}`))).toBeVisible()
  const offer = page.getByRole('button', { name: /^Use port \d+$/ })
  const offered = Number((await offer.innerText()).replace(/\D/g, ''))
  expect(offered).not.toBe(port)
  await offer.click()
  await expect(
    status.getByRole('button', { name: new RegExp(`^Gateway\\s*127.0.0.1:${offered}\\s*is listening`) }),
  ).toBeVisible()

  expect((await addresses(page)).gateway).toBe(`http://127.0.0.1:${offered}`)
  expect((await fetch(`http://127.0.0.1:${offered}/`)).status).toBe(404)
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('somebody else')
  await expect
    .poll(async () => JSON.parse(await readFile(join(places.workspace, 'gatehouse.json'), 'utf8')) as unknown)
    .toMatchObject({ gatewayPort: offered })
  await stopServer(server)
})

test('an edit of a file from outside shows in the window, without a reload', async ({ page, places }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, `/domains/${domain.id}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible()
  await changeDocument(join(places.workspace, 'domains', 'orders.json'), (document) => ({
    ...document,
    name: 'Orders of the north',
  }))
  await expect(page.getByRole('heading', { level: 1, name: 'Orders of the north' })).toBeVisible()

  const [api] = await call(page, 'apis.list', {})
  await goTo(page, `/apis/${api!.definition.id}/settings`)
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('')
  await changeDocument(join(places.workspace, 'apis', 'orders.json'), (document) => ({
    ...document,
    description: 'Written in an editor',
  }))
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Written in an editor')
  await expect(page.getByText('This API was changed elsewhere')).toBeVisible()
})

test('a file that is broken from outside is told with its field and what to do, and taken up once it is mended', async ({
  page,
  places,
}) => {
  await call(page, 'domains.create', { name: 'Orders' })
  const file = join(places.workspace, 'domains', 'orders.json')
  const good = await readFile(file, 'utf8')
  await changeDocument(file, (document) => ({ ...document, enabled: 'perhaps' }))
  const broken = await readFile(file, 'utf8')

  const problems = page.getByRole('link', { name: /1 problem in the workspace/ })
  await problems.click()
  const told = page.getByRole('region', { name: 'Problems in the workspace' }).getByRole('listitem')
  await expect(told).toContainText('domains/orders.json')
  await expect(told).toContainText('/enabled')
  await expect(told).toContainText(/true or false|boolean/)
  expect(await readFile(file, 'utf8')).toBe(broken)

  await writeFile(file, good.replace('{', '{{'))
  await expect(told).toContainText(/line 1/i)

  await writeFile(file, good.replace('"Orders"', '"Orders again"'))
  await expect(problems).toHaveCount(0)
  await goTo(page, '/domains')
  await expect(page.getByRole('link', { name: 'Orders again' })).toBeVisible()
})
