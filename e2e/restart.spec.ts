import { call, hammerScopes, savedScopes } from './support/bridge'
import { addresses, apiPath, callStatus, getToken, makeProtectedApi } from './support/protected-api'
import { expect, test } from './fixtures'

test('what was made in the window is there again after a quit', async ({ start }) => {
  const first = await start()
  await first.page.getByRole('link', { name: 'Domains' }).click()
  await first.page.getByRole('button', { name: 'New domain' }).click()
  await first.page.getByLabel('Name').fill('Orders')
  await first.page.getByRole('button', { name: 'Create domain' }).click()
  await expect(first.page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible()
  await first.quit()

  const second = await start()
  await second.page.getByRole('link', { name: 'Domains' }).click()
  await expect(second.page.getByRole('link', { name: 'Orders' })).toBeVisible()
})

test('a token that was revoked is refused also after a restart', async ({ start }) => {
  const first = await start()
  const api = await makeProtectedApi(first.page)
  const [revoked, good] = [await getToken(api), await getToken(api)]
  expect(await callStatus(api.endpoint)).toBe(401)
  expect(await callStatus(api.endpoint, revoked)).toBe(200)
  await fetch(api.revocationEndpoint, {
    method: 'POST',
    headers: { Authorization: api.basic },
    body: new URLSearchParams({ token: revoked }),
  })
  expect(await callStatus(api.endpoint, revoked)).toBe(401)
  await first.quit()

  const { page } = await start()
  const endpoint = (await addresses(page)).gateway + (await apiPath(page))
  expect(await callStatus(endpoint, revoked)).toBe(401)
  expect(await callStatus(endpoint, good)).toBe(200)
})

test('a kill in the middle of edits loses nothing that was answered as saved', async ({ start }) => {
  const first = await start()
  const domain = await call(first.page, 'domains.create', { name: 'Orders' })
  await hammerScopes(first.page, domain.id)
  await expect.poll(async () => (await savedScopes(first.page)).length).toBeGreaterThan(20)
  const answered = await savedScopes(first.page)
  await first.kill()

  const second = await start()
  const workspace = await call(second.page, 'workspace.get', {})
  expect(workspace.problems).toEqual([])
  const [kept] = await call(second.page, 'domains.list', {})
  const keys = new Set(kept?.scopes.map(({ key }) => key))
  expect(answered.filter((key) => !keys.has(key))).toEqual([])
})
