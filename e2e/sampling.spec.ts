import { goTo } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

test('an API says of which of its calls the trace is kept, and a draft in which that cannot be is not deployed', async ({
  page,
}) => {
  const { definition } = await call(page, 'apis.create', { name: 'Echo', path: '/echo', target: 'gatehouse:echo' })
  const apiId = definition.id
  await call(page, 'traffic.configure', { traceAll: false })
  await goTo(page, `/apis/${apiId}/settings`)
  await page.getByRole('radio', { name: 'Some of its calls' }).click()
  const sampling = page.getByRole('group', { name: 'Which calls are traced' })
  await sampling.getByRole('combobox', { name: 'Which calls' }).click()
  await page.getByRole('option', { name: 'So many in so much time' }).click()
  await sampling.getByRole('spinbutton', { name: 'Number of calls' }).fill('0')
  await page.keyboard.press('Tab')
  await expect(sampling.getByRole('alert')).toContainText('Give a number and a time')
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByText(/0\/PT60S is no windowed_count/).first()).toBeVisible()

  await sampling.getByRole('combobox', { name: 'Which calls' }).click()
  await page.getByRole('option', { name: 'One call in so many' }).click()
  await sampling.getByRole('spinbutton', { name: 'Number of calls' }).fill('2')
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByText(/Revision 1 running/)).toBeVisible()
  expect((await call(page, 'apis.get', { apiId })).definition.analytics).toEqual({
    sampling: { type: 'count', value: '2' },
  })

  const { gateway } = await addresses(page)
  for (const which of ['first', 'second', 'third']) await fetch(`${gateway}/echo/${which}`)
  const traced = async () =>
    (await call(page, 'traffic.list', {})).map(({ path, trace }) => `${path} ${trace !== undefined}`)
  await expect.poll(traced).toEqual(['/echo/third true', '/echo/second false', '/echo/first true'])
})
