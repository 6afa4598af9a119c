import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures'

test('a workspace whose file is broken is not opened, not overwritten, and opens once it is mended', async ({
  places,
  start,
}) => {
  const file = join(places.workspace, 'gatehouse.json')
  const good = await readFile(file, 'utf8')
  await writeFile(file, good.replace('{', '{{'))

  const { page } = await start()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('main')).toContainText('gatehouse.json')
  await expect(page.getByRole('main')).toContainText('What to do')
  expect(await readFile(file, 'utf8')).toBe(good.replace('{', '{{'))

  await writeFile(file, good)
  await page.getByRole('link', { name: 'Try again' }).click()
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
})

test('a workspace of a newer version says so and stays as it is', async ({ places, start }) => {
  const file = join(places.workspace, 'gatehouse.json')
  const newer = `${JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), formatVersion: 99 }, null, 2)}\n`
  await writeFile(file, newer)

  const { page } = await start()
  await expect(page.getByRole('main')).toContainText(/newer/i)
  expect(await readFile(file, 'utf8')).toBe(newer)
})

test('a workspace that is open elsewhere says where, and opens when it is closed there', async ({ places, start }) => {
  const first = await start()
  const second = await start({
    userData: `${places.userData}-2`,
    netLog: `${places.netLog}-2`,
  })
  await expect(second.page.getByRole('main')).toContainText(String(first.app.process().pid))
  await first.quit()
  await second.page.getByRole('link', { name: 'Try again' }).click()
  await expect(second.page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
})

test('a second start on the same preferences brings the window that is open to the front', async ({
  places,
  start,
}) => {
  const { app, page } = await start()
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible()
  const title = await page.title()
  const told = await app.evaluate(
    ({ app }, folder) =>
      new Promise((resolve) => {
        app.once('second-instance', (_event, argv) => resolve(argv.includes(folder)))
        const { spawn } = process.getBuiltinModule('node:child_process')
        const args = process.argv.slice(1).filter((argument) => !/inspect|remote-debugging|net-log/.test(argument))
        spawn(process.execPath, args, { stdio: 'ignore' })
      }),
    places.workspace,
  )
  expect(told).toBe(true)
  expect(await page.title()).toBe(title)
})
