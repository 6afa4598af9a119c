import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { makePeople } from './support/people'
import { main, newDomain, row } from './support/users'
import { expect, test } from './fixtures'

test('an import shows what it would do, with every row that is not right, before it does it', async ({ page }) => {
  const domainId = await newDomain(page)
  await makePeople(page, domainId)
  await goTo(page, `/domains/${domainId}/users`)
  await main(page).getByRole('button', { name: 'Import' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import users' })
  const choose = (text: string, name = 'users.csv') =>
    dialog.getByLabel('File of users').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  const importing = dialog.getByRole('button', { name: /^Import/ })
  await expect(importing).toBeDisabled()

  await choose('name,email\nada,x@y')
  await expect(dialog.getByText(/names no column username/)).toBeVisible()
  await expect(importing).toBeDisabled()
  await choose('[{ "username": }]', 'users.json')
  await expect(dialog.getByText(/not JSON in line 1, column 16/)).toBeVisible()

  const lines = [
    'username,password,email,firstName,roles,department',
    'edsger,correct horse,edsger@example.org,Edsger,Reader,proofs',
    'ADA,,,Augusta,,',
    'barbara,short,nobody,Barbara,,',
    'donald,,,Donald,Author,',
  ]
  await choose(lines.join('\n'))
  const number = (label: string) => dialog.locator('dl > div').filter({ hasText: label }).locator('dd')
  await expect(number('New')).toHaveText('1')
  await expect(number('Changed')).toHaveText('1')
  await expect(number('Refused')).toHaveText('2')
  const refused = dialog.getByRole('row')
  await expect(refused.nth(1)).toContainText(/4barbarapassword.*at least 8 characters; this one has 5/)
  await expect(refused.nth(2)).toContainText(/4barbaraemail.*it has no @/)
  await expect(refused.nth(3)).toContainText(/5donaldroles.*no role Author/)
  expect((await call(page, 'users.list', { domainId })).total).toBe(63)

  await dialog.getByRole('checkbox', { name: 'Add what the domain does not have' }).click()
  await expect(number('New')).toHaveText('2')
  await expect(number('Refused')).toHaveText('1')
  await dialog.getByRole('radio', { name: 'Import nothing' }).click()
  await expect(importing).toBeDisabled()
  await expect(dialog.getByText('Correct the file and choose it again.')).toBeVisible()
  await dialog.getByRole('radio', { name: 'Skip them' }).click()
  await dialog.getByRole('button', { name: 'Import 3 users' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByText('2 new, 1 changed, 1 row skipped. Added 1 role.')).toBeVisible()
  const { users } = await call(page, 'users.list', { domainId, search: 'edsger' })
  expect(users).toMatchObject([
    { hasPassword: true, additionalInformation: { department: 'proofs' }, scopes: ['read'] },
  ])
  await page.getByRole('button', { name: 'Dismiss how the import ended' }).click()
  await expect(page.getByRole('region', { name: 'Import' })).toHaveCount(0)
})

test('an import of many passwords goes on in the background, tells how far it is, and is cancelled', async ({
  page,
}) => {
  const domainId = await newDomain(page)
  await goTo(page, `/domains/${domainId}/users`)
  await page.getByRole('button', { name: 'Import' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import users' })
  const rows = Array.from({ length: 2000 }, (_, number) => `user${number},correct horse ${number}`)
  const buffer = Buffer.from(['username,password', ...rows].join('\n'))
  await dialog.getByLabel('File of users').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer })
  await expect(dialog.getByText(/2,000 passwords will be hashed first, which takes about/)).toBeVisible()
  await dialog.getByRole('button', { name: 'Import 2,000 users' }).click()
  await expect(dialog).toHaveCount(0)
  const status = page.getByRole('region', { name: 'Import' })
  await expect(status).toContainText(/[1-9]\d* of 2,000 passwords hashed/)
  // Everything else goes on, and the import is still there when one comes back.
  await call(page, 'users.create', { domainId, username: 'ada' })
  await expect(row(page, 'ada')).toBeVisible()
  await goTo(page, '/console')
  await goTo(page, `/domains/${domainId}/users`)
  await status.getByRole('button', { name: 'Cancel import' }).click()
  await expect(page.getByText('The import was cancelled, and nothing of it was saved.')).toBeVisible()
  expect((await call(page, 'users.list', { domainId })).total).toBe(1)
})
