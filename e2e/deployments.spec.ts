import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'
import { enter } from './support/keyboard'

test('revisions are compared, rolled back to, stopped and started', async ({ page }) => {
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  const apiId = definition.id
  for (const description of ['First', 'Second']) {
    const { version } = await call(page, 'apis.get', { apiId })
    await call(page, 'apis.save', { apiId, definition: { ...definition, description }, version })
    await call(page, 'apis.deploy', { apiId })
  }
  await goTo(page, `/apis/${apiId}/deployments`)
  await expect(page.getByText('The gateway serves revision 2.')).toBeVisible()

  await enter(page, page.getByRole('button', { name: 'Compare revision 2 with the one before' }))
  const dialog = page.getByRole('dialog', { name: 'Compare' })
  await expect(dialog.getByRole('list', { name: 'In words' })).toContainText('Description changed from First to Second')
  await expect(dialog.getByRole('region', { name: 'As JSON' })).toContainText('+   "description": "Second",')
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([])
  await dialog.getByRole('combobox', { name: 'Before' }).click()
  await page.getByRole('option', { name: 'Draft' }).click()
  await expect(dialog.getByText('They are the same.')).toBeVisible()
  await page.keyboard.press('Escape')

  await enter(page, page.getByRole('button', { name: 'Export revision 1' }))
  const exported = page.getByRole('dialog', { name: 'Export revision 1 of Orders' })
  await expect(exported.getByRole('region', { name: 'orders.export.json' })).toContainText('"description": "First"')
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([])
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Roll back to revision 1' }).click()
  await expect(page.getByText('The gateway serves revision 3.')).toBeVisible()
  expect((await call(page, 'apis.get', { apiId })).definition.description).toBe('First')

  await page.getByRole('button', { name: 'Make it the draft: revision 2' }).click()
  await expect(page.getByRole('region', { name: 'Not deployed yet' })).toContainText('Description changed')
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Not deployed yet' })).toHaveCount(0)

  const { gateway } = await addresses(page)
  const status = async () => (await fetch(`${gateway}/orders`)).status
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(page.getByText('Stopped: its paths are answered 404')).toBeVisible()
  expect(await status()).toBe(404)
  await enter(page, page.getByRole('button', { name: 'Start', exact: true }))
  await expect(page.getByText('The gateway serves revision 3.')).toBeVisible()
  expect(await status()).toBe(200)
})

test('several drafts are deployed at once, and one that is refused says why', async ({ page }) => {
  for (const name of ['Alpha', 'Beta']) await call(page, 'apis.create', { name, path: `/${name.toLowerCase()}` })
  const broken = await call(page, 'apis.create', { name: 'Broken', path: '/broken' })
  const [flow] = broken.definition.flows
  const step = { enabled: true, policy: 'not-known', configuration: {} }
  await call(page, 'apis.save', {
    apiId: broken.definition.id,
    version: broken.version,
    definition: { ...broken.definition, flows: [{ ...flow!, request: [step] }] },
  })
  await goTo(page, '/apis')
  await page.getByRole('button', { name: 'Deploy changes' }).click()
  const dialog = page.getByRole('dialog', { name: 'Deploy changes' })
  await dialog.getByRole('checkbox', { name: 'Beta' }).click()
  await dialog.getByRole('button', { name: 'Deploy 2 APIs' }).click()
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Alpha' })).toContainText('Revision 1 is running.')
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Broken' }).first()).toContainText('not-known')
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([])
  await dialog.getByRole('checkbox', { name: 'Beta' }).click()
  await dialog.getByRole('checkbox', { name: 'Broken' }).click()
  await dialog.getByRole('button', { name: 'Deploy 1 API' }).click()
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Beta' })).toContainText('Revision 1 is running.')
  const apis = await call(page, 'apis.list', {})
  expect(apis.filter(({ inSync }) => inSync).map(({ definition }) => definition.name)).toEqual(['Alpha', 'Beta'])
})
