import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { addresses, callStatus, getToken, makeProtectedApi } from './support/protected-api'
import { expect, test } from './fixtures'

const requests = (page: Page) => page.getByRole('table', { name: 'Requests of both servers, newest first' })
const rows = (page: Page) => requests(page).getByRole('row')
const request = (page: Page, name: string | RegExp) => requests(page).getByRole('button', { name })
const choose = async (page: Page, filter: string, option: string) => {
  await page.getByRole('combobox', { name: filter }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

test('the traffic is charted, filtered, opened and exported, and is there after a restart', async ({
  start,
  places,
}) => {
  const { app, page, quit } = await start()
  const api = await makeProtectedApi(page)
  await goTo(page, '/traffic')
  await expect(page.getByRole('heading', { name: 'No requests yet' })).toBeVisible()

  const token = await getToken(api)
  await callStatus(`${api.endpoint}/orders`, token)
  await callStatus(`${api.endpoint}/refused`)
  const { gateway } = await addresses(page)
  await callStatus(`${gateway}/nowhere`)

  await test.step('each request is listed as it comes, and opens to the way it took', async () => {
    await expect(request(page, /GET \/echo\/orders/)).toBeVisible()
    await request(page, /GET \/echo\/refused/).focus()
    await page.keyboard.press('Enter')
    const detail = page.getByRole('complementary', { name: 'The way it took' })
    await expect(detail).toContainText('OAUTH2_MISSING_HEADER')
    await page.keyboard.press('Escape')
    await expect(request(page, /GET \/echo\/refused/)).toBeFocused()
    await request(page, /GET \/echo\/orders/).click()
    await expect(detail.getByRole('list', { name: 'The way this request took' })).toContainText('OAuth2')
    await page.keyboard.press('Escape')
  })

  await test.step('the charts tell of them, and a part of the time narrows the list', async () => {
    const outcomes = page.getByRole('img', { name: /^Requests: / })
    await expect(outcomes).toHaveAccessibleName(/\d+ answered, 2 refused/)
    await expect(page.getByRole('img', { name: /^Status: .*2 4xx/ })).toBeVisible()
    await expect(page.getByRole('img', { name: /^Took: p50 up to / })).toBeVisible()
    await choose(page, 'Server, API or domain', 'Echo')
    await expect(outcomes).toHaveAccessibleName('Requests: 1 answered, 1 refused')
    await choose(page, 'Time of the charts', 'Last hour')
    // The newest part of the time is the column at the right, or the one before when the minute has turned since.
    const { width = 0, height = 0 } = (await outcomes.boundingBox()) ?? {}
    await outcomes.click({ position: { x: width - 10, y: height / 2 } })
    const chip = page.getByRole('button', { name: 'Show all times again' })
    await expect(chip).toContainText('60 s')
    await chip.click()
    await page.getByRole('button', { name: 'As a table' }).click()
    const numbers = page.getByRole('table', { name: 'Requests over time, newest first' })
    await numbers.getByRole('button').first().click()
    await expect(chip).toBeVisible()
    await expect(request(page, /GET \/echo\/orders/)).toBeVisible()
    await chip.click()
    await page.getByRole('button', { name: 'As charts' }).click()
  })

  await test.step('it is found by outcome, status, client, method and words', async () => {
    await choose(page, 'Outcome', 'Refused')
    await expect(page.getByText(/^1 request of Echo, as filtered/)).toBeVisible()
    await expect(page.getByRole('img', { name: /^Requests: / })).toHaveAccessibleName('Requests: 1 refused')
    await expect(request(page, /GET \/echo\/orders/)).toHaveCount(0)
    await choose(page, 'Status', '2xx')
    await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
    await page.getByRole('button', { name: 'Show all', exact: true }).click()
    await expect(request(page, /GET \/nowhere/)).toBeVisible()
    await choose(page, 'Client', 'orders-service')
    await choose(page, 'Method', 'GET')
    await expect(rows(page)).toHaveCount(2)
    await expect(request(page, /GET \/echo\/orders/)).toBeVisible()
    await page.getByRole('textbox', { name: /^Filter by/ }).fill('orders 200')
    await expect(rows(page)).toHaveCount(2)
  })

  await test.step('what is shown is exported', async () => {
    for (const [format, name] of [
      ['har', 'HTTP archive (HAR)'],
      ['jsonl', 'JSON lines'],
    ] as const) {
      const file = join(places.home, `traffic.${format}`)
      await app.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
      }, file)
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name }).click()
      await expect(page.getByText(`1 request saved as ${file}`, { exact: true })).toBeVisible()
      const text = await readFile(file, 'utf8')
      expect(text).toContain('/echo/orders')
      expect(text).not.toContain(token)
      expect(text).not.toContain('/refused')
    }
  })
  await quit()

  const again = await start()
  await goTo(again.page, '/traffic')
  await expect(request(again.page, /GET \/echo\/orders/)).toBeVisible()
  await expect(again.page.getByRole('img', { name: /^Requests: .*2 refused/ })).toBeVisible()
  await request(again.page, /GET \/echo\/orders/).click()
  await expect(again.page.getByRole('list', { name: 'The way this request took' })).toContainText('OAuth2')
  await again.page.getByRole('button', { name: 'Clear' }).click()
  await expect(again.page.getByRole('heading', { name: 'No requests yet' })).toBeVisible()
})

test('recording and tracing are switched, and the limit is set, where the traffic is', async ({ page }) => {
  const { endpoint } = await makeProtectedApi(page)
  await callStatus(`${endpoint}/seen`)
  await goTo(page, '/traffic')
  await expect(request(page, /GET \/echo\/seen/)).toBeVisible()

  await page.getByRole('button', { name: 'Recording' }).click()
  const settings = page.getByRole('group', { name: 'Recording' })
  const limit = settings.getByRole('spinbutton', { name: 'Space on disk' })
  await limit.fill('0')
  await limit.press('Tab')
  await expect(settings).toContainText('between 1 and 1024')
  await limit.fill('16')
  await limit.press('Tab')
  await expect(settings).not.toContainText('between 1 and 1024')
  await settings.getByRole('radio', { name: 'Some of them' }).click()
  const sampling = settings.getByRole('group', { name: 'Which requests are traced' })
  await expect(sampling.getByRole('spinbutton', { name: 'Number of calls' })).toHaveValue('10')
  await sampling.getByRole('spinbutton', { name: 'Number of calls' }).fill('0')
  await page.keyboard.press('Tab')
  await expect(settings).toContainText('is no count of calls to trace')
  await sampling.getByRole('combobox', { name: 'Which calls' }).click()
  await page.getByRole('option', { name: 'A share, by chance' }).click()
  await sampling.getByRole('spinbutton', { name: 'Percent of the calls' }).fill('25')
  await page.keyboard.press('Tab')
  await expect
    .poll(async () => (await call(page, 'traffic.status', {})).sampling)
    .toEqual({ type: 'probability', value: '0.25' })
  expect(await findings(page)).toEqual([])
  await settings.getByRole('radio', { name: 'Those of the console only' }).click()
  await expect(sampling).toBeHidden()
  await settings.getByRole('switch', { name: 'Record requests' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Not recording' })).toBeVisible()
  await callStatus(`${endpoint}/unseen`)
  await expect(page.getByRole('link', { name: '2 API calls, 2 refused in the last minute' })).toBeVisible()
  await expect(rows(page)).toHaveCount(2)

  await page.getByRole('button', { name: 'Not recording' }).click()
  await expect(limit).toHaveValue('16')
  await settings.getByRole('switch', { name: 'Record requests' }).click()
  await page.keyboard.press('Escape')
  await callStatus(`${endpoint}/later`)
  await request(page, /GET \/echo\/later/).click()
  await expect(page.getByRole('complementary', { name: 'The way it took' })).toContainText('was not traced')
  await expect(request(page, /unseen/)).toHaveCount(0)
})

test('under a burst the list stays short, pauses, and goes back page by page', async ({ page }) => {
  test.slow()
  const { gateway } = await addresses(page)
  await goTo(page, '/traffic')
  const burst = async (name: string, count: number) => {
    for (let sent = 0; sent < count; sent += 100)
      await Promise.all(Array.from({ length: 100 }, (_, index) => fetch(`${gateway}/${name}/${sent + index}`)))
  }
  await burst('first', 3000)
  await expect(request(page, /\/first\/29\d\d/).first()).toBeVisible()
  await expect(rows(page)).toHaveCount(101)
  await expect(page.getByText(/3,000 requests of both servers/)).toBeVisible()

  await page.getByRole('button', { name: 'Pause' }).click()
  await burst('second', 500)
  await expect(page.getByText('Paused, 500 newer')).toBeVisible()
  await expect(request(page, /\/second\//)).toHaveCount(0)
  await page.getByRole('button', { name: 'Show older' }).click()
  await expect(rows(page)).toHaveCount(201)
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(rows(page)).toHaveCount(101)
  await expect(request(page, /\/second\//)).toHaveCount(100)
})
