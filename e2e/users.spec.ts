import type { Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { enter, tabTo } from './support/keyboard'
import { makePeople } from './support/people'
import { addresses } from './support/protected-api'
import { expectTold, main, newDomain, row, savingOf } from './support/users'
import { expect, test } from './fixtures'

/** The answer to a login with the password grant. */
async function logIn(page: Page, domainId: string, username: string, password: string): Promise<string> {
  const { application, clientSecret = '' } = await call(page, 'applications.create', {
    ...{ domainId, name: `Shop ${Date.now()}`, type: 'web', grantTypes: ['password'] },
  })
  const { authorization } = await addresses(page)
  const { path } = await call(page, 'domains.get', { domainId })
  const response = await fetch(`${authorization}/${path}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'password', username, password },
      ...{ client_id: application.clientId, client_secret: clientSecret },
    }),
  })
  return `${response.status} ${((await response.json()) as { error?: string }).error ?? 'a token'}`
}

test('a user is created with a generated password, which is shown once and lets them in', async ({ page }) => {
  const domainId = await newDomain(page)
  await goTo(page, `/domains/${domainId}/users`)
  await expect(page.getByText('Users log in to your applications')).toBeVisible()
  await page.getByRole('button', { name: 'New user' }).click()
  const dialog = page.getByRole('dialog', { name: 'New user' })
  await dialog.getByRole('textbox', { name: 'Username' }).fill('ada')
  await dialog.getByRole('textbox', { name: 'First name' }).fill('Ada')
  await dialog.getByRole('button', { name: 'Create user' }).click()

  const shown = page.getByRole('dialog', { name: 'The password of ada' })
  const password = await shown.getByRole('region', { name: 'password', exact: true }).innerText()
  expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  // A stray Escape does not lose it.
  await page.keyboard.press('Escape')
  await shown.getByRole('button', { name: 'I have stored it' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'ada' })).toBeVisible()
  await expect(page.getByText('Can log in.', { exact: true })).toBeVisible()
  await expect(page.getByText(password)).toHaveCount(0)
  expect(await logIn(page, domainId, 'ada', password)).toBe('200 a token')
})

test('what a new user may not be is told at the field', async ({ page }) => {
  const domainId = await newDomain(page)
  await call(page, 'users.create', { domainId, username: 'Taken' })
  await goTo(page, `/domains/${domainId}/users`)
  await page.getByRole('button', { name: 'New user' }).click()
  const dialog = page.getByRole('dialog', { name: 'New user' })
  const create = dialog.getByRole('button', { name: 'Create user' })
  const field = (name: string) => dialog.getByRole('textbox', { name, exact: true })
  await create.click()
  await expect(dialog.getByText(/needs a name to log in with/)).toBeVisible()
  await expect(field('Username')).toBeFocused()
  await expectTold(field('Username'), '  ', /needs a name to log in with/)
  await expectTold(field('Username'), 'x'.repeat(256), /at most 255 characters; this one has 256/)
  await field('Username').fill('taken')
  await create.click()
  await expect(dialog.getByText(/a user called Taken already/).first()).toBeVisible()
  await field('Username').fill('ada')
  await create.click({ trial: true })
  await dialog.getByRole('radio', { name: 'Set one' }).click()
  await create.click()
  for (const [name, input, says] of [
    ['E-mail', 'nobody', /it has no @/],
    ['E-mail', 'a b@example.org', /not an e-mail address/],
    ['First name', 'x'.repeat(257), /at most 256 characters/],
    ['Last name', 'x'.repeat(257), /at most 256 characters/],
  ] as const) {
    await expectTold(field(name), input, says)
    await field(name).fill('')
  }
  const password = dialog.getByLabel('Password to set', { exact: true })
  for (const [input, says] of [
    ['', /at least 8 characters; this one has 0/],
    ['short', /this one has 5/],
    ['ü'.repeat(513), /at most 1024 bytes; this one has 1026/],
  ] as const) {
    await expectTold(password, input, says)
  }
  await field('Username').fill('Ada.Lovelace')
  await expectTold(password, 'ada.lovelace', /The password is the username/)
  await password.fill('correct horse')
  await expect(password).toHaveAttribute('type', 'password')
  await dialog.getByRole('button', { name: 'Show password' }).click()
  await expect(password).toHaveAttribute('type', 'text')
  await create.click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ada.Lovelace' })).toBeVisible()
  expect(await logIn(page, domainId, 'ada.lovelace', 'correct horse')).toBe('200 a token')
})

test('a profile is changed, with claims, roles and groups; what is not right cannot be saved', async ({ page }) => {
  const domainId = await newDomain(page)
  const { userId } = await makePeople(page, domainId)
  await goTo(page, `/domains/${domainId}/users/${userId}`)
  const field = (name: string) => main(page).getByRole('textbox', { name, exact: true })
  const save = savingOf(page).getByRole('button', { name: /^Save/ })
  for (const [name, input, says] of [
    ['Username', '', /needs a name to log in with/],
    ['E-mail', 'nobody', /it has no @/],
    ['Display name', 'x'.repeat(257), /at most 256 characters/],
    ['Value of level', '{', /not JSON/],
    ['Value of locale', 'not a language', /language tag/],
    ['Value of address.locality', '', /no value/],
    ['Name of claim 1', 'sub', /of itself or of the login/],
    ['Name of claim 1', 'given_name', /made from the first name/],
  ] as const) {
    const before = await field(name).inputValue()
    await expectTold(field(name), input, says)
    await expect(save).toBeDisabled()
    await main(page).getByRole('button', { name: 'Discard' }).click()
    await expect(field(name)).toHaveValue(before)
  }
  await field('Username').fill('grace')
  await save.click()
  await expect(page.getByText(/a user called grace already/).first()).toBeVisible()
  await field('Username').fill('countess')
  await field('Display name').fill('Countess of Lovelace')
  await main(page).getByRole('checkbox', { name: 'Reader' }).click()
  await main(page).getByRole('checkbox', { name: 'Manager' }).click()
  await main(page).getByRole('checkbox', { name: 'Staff' }).click()
  await expect(main(page).getByRole('region', { name: 'Scopes by roles' })).toContainText('readwrite')
  await main(page).getByRole('button', { name: 'Add claim' }).click()
  await page.getByRole('menuitem', { name: 'Time zone' }).click()
  await expect(field('Value of zoneinfo')).toBeFocused()
  await page.keyboard.type('Europe/London')
  await main(page).getByRole('button', { name: 'Add claim' }).click()
  await page.getByRole('menuitem', { name: 'A claim of your own' }).click()
  const named = main(page).getByRole('textbox', { name: /^Name of claim/ })
  await expect(named.last()).toBeFocused()
  await page.keyboard.type('department')
  await page.keyboard.press('Tab')
  await page.keyboard.type('engines')
  await main(page).getByRole('button', { name: 'Remove level' }).click()
  await page.keyboard.press('Control+s')
  await expect(savingOf(page)).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1, name: 'countess' })).toBeVisible()
  const { roles } = await call(page, 'domains.get', { domainId })
  expect(await call(page, 'users.get', { domainId, userId })).toMatchObject({
    ...{ username: 'countess', displayName: 'Countess of Lovelace', groups: [], scopes: ['read', 'write'] },
    roles: [roles?.find(({ name }) => name === 'Manager')?.id],
    additionalInformation: {
      ...{ locale: 'en-GB', address: { locality: 'London' }, zoneinfo: 'Europe/London', department: 'engines' },
    },
  })
})

test('a user is locked, gets a new password, and is deleted by name', async ({ page }) => {
  const domainId = await newDomain(page)
  const { userId } = await makePeople(page, domainId)
  await goTo(page, `/domains/${domainId}/users/${userId}`)
  await main(page).getByRole('button', { name: 'Lock', exact: true }).click()
  await expect(page.getByText('Cannot log in: locked by hand.')).toBeVisible()
  expect(await logIn(page, domainId, 'ada', 'correct horse')).toBe('400 invalid_grant')
  await main(page).getByRole('button', { name: 'Unlock' }).click()
  await expect(page.getByText('Can log in.', { exact: true })).toBeVisible()
  expect(await logIn(page, domainId, 'ada', 'correct horse')).toBe('200 a token')

  await main(page).getByRole('button', { name: 'New password…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Set the password of ada' })
  await dialog.getByRole('radio', { name: 'Set one' }).click()
  await dialog.getByRole('button', { name: 'Set password' }).click()
  const password = dialog.getByLabel('Password to set', { exact: true })
  await expectTold(password, 'short', /this one has 5/)
  await password.fill('battery staple')
  await expect(dialog.getByRole('checkbox', { name: 'Revoke every token of the user' })).toBeChecked()
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await expect(dialog).toHaveCount(0)
  await expect
    .poll(async () => (await call(page, 'audit.list', { domainId, filter: { userId } }))[0]?.sentence)
    .toMatch(/^The password of ada was changed by hand: 1 grant was revoked/)
  expect(await logIn(page, domainId, 'ada', 'battery staple')).toBe('200 a token')

  await main(page).getByRole('button', { name: 'Remove…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove password' }).click()
  await expect(page.getByText('Cannot log in: there is no password.')).toBeVisible()

  await main(page).getByRole('button', { name: 'Delete user…' }).click()
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete user' })
  await expect(confirm).toBeDisabled()
  await page.getByRole('dialog').getByRole('textbox').fill('ada')
  await confirm.click()
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible()
  await expect(row(page, 'alan')).toBeVisible()
  await expect(row(page, 'ada')).toHaveCount(0)
})

test('users are found by name, narrowed down, and looked through page by page', async ({ page }) => {
  const domainId = await newDomain(page)
  await makePeople(page, domainId)
  await goTo(page, `/domains/${domainId}/users`)
  await expect(page.getByText('1–50 of 63')).toBeVisible()
  await expect(row(page, 'ada')).toContainText('Can log in')
  await expect(row(page, 'grace')).toContainText('Locked')
  await expect(row(page, 'alan')).toContainText('Off')
  await expect(row(page, 'user1')).toContainText('No password')
  await main(page).getByRole('button', { name: 'Next' }).click()
  await expect(page.getByText('51–63 of 63')).toBeVisible()
  await expect(row(page, 'user59')).toBeVisible()

  const search = main(page).getByRole('textbox', { name: /^Search users/ })
  await search.fill('LOVELACE')
  await expect(main(page).getByRole('rowheader')).toHaveText(['ada'])
  await page.getByRole('link', { name: 'ada' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'ada' })).toBeVisible()
  await page.goBack()
  await expect(search).toHaveValue('LOVELACE')
  await expect(main(page).getByRole('rowheader')).toHaveText(['ada'])
  await search.fill('nobody')
  await expect(page.getByText('Nobody is like that')).toBeVisible()
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(page.getByText('1–50 of 63')).toBeVisible()
  await main(page).getByRole('combobox', { name: 'Group' }).click()
  await page.getByRole('option', { name: 'Staff' }).click()
  await expect(main(page).getByRole('rowheader')).toHaveText(['ada', 'grace'])
  await main(page).getByRole('combobox', { name: 'Status' }).click()
  await page.getByRole('option', { name: 'Locked' }).click()
  await expect(main(page).getByRole('rowheader')).toHaveText(['grace'])
})

test('a user is made and changed with the keyboard alone', async ({ page }) => {
  const domainId = await newDomain(page)
  const { keyboard } = page
  await goTo(page, `/domains/${domainId}/users`)
  await enter(page, page.getByRole('button', { name: 'New user' }))
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeFocused()
  await keyboard.type('ada')
  await tabTo(page, page.getByRole('radio', { name: 'Generate one' }))
  // Held until it is chosen, as a finger does: the group chooses what gets the focus while an arrow key is down.
  for (const name of ['Set one', 'None yet']) {
    await keyboard.down('ArrowDown')
    await expect(page.getByRole('radio', { name })).toBeChecked()
    await keyboard.up('ArrowDown')
  }
  await enter(page, page.getByRole('button', { name: 'Create user' }))
  await expect(page.getByRole('heading', { level: 1, name: 'ada' })).toBeFocused()
  await tabTo(page, page.getByRole('textbox', { name: 'First name' }))
  await keyboard.type('Ada')
  await keyboard.press('Control+s')
  await expect(savingOf(page)).toHaveCount(0)
  await enter(page, page.getByRole('button', { name: 'Lock', exact: true }))
  await expect(page.getByText('Cannot log in: locked by hand.')).toBeVisible()
  expect((await call(page, 'users.list', { domainId })).users).toMatchObject([{ firstName: 'Ada', hasPassword: false }])
})
