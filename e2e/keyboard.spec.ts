import { expect, test } from './fixtures'
import { enter, palette, tabTo } from './support/keyboard'
import { refused } from './support/quick-start'

test('the walk-through with the keyboard alone', async ({ desktop: { app }, page }) => {
  const { keyboard } = page

  await test.step('a domain with a scope, and an application in it', async () => {
    await palette(page, 'New domain')
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
    await keyboard.type('Demo')
    await keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Demo' })).toBeFocused()

    const tabs = page.getByRole('navigation', { name: 'Sections of Demo' })
    await enter(page, tabs.getByRole('link', { name: 'Scopes' }))
    await enter(page, page.getByRole('button', { name: 'New scope' }))
    await expect(page.getByRole('textbox', { name: 'Key' })).toBeFocused()
    await keyboard.type('read')
    await keyboard.press('Enter')
    await expect(page.getByRole('rowheader', { name: 'read' })).toBeVisible()
    await expect(page.getByRole('dialog')).toHaveCount(0)

    await enter(page, tabs.getByRole('link', { name: 'Applications' }), { backwards: true })
    await enter(page, page.getByRole('button', { name: 'New application' }))
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
    await keyboard.type('echo-client')
    await keyboard.press('Enter')
    const shown = page.getByRole('dialog', { name: 'The secret of echo-client' })
    await enter(page, shown.getByRole('button', { name: 'Copy client secret' }))
    const secret = await shown.getByRole('region', { name: 'client secret', exact: true }).innerText()
    await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toBe(secret)
    // A stray Escape does not lose it.
    await keyboard.press('Escape')
    await enter(page, shown.getByRole('button', { name: 'I have stored it' }))
    await expect(page.getByRole('heading', { level: 1, name: 'echo-client' })).toBeVisible()
  })

  await test.step('an API on the built-in echo', async () => {
    await palette(page, 'New API')
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
    await keyboard.type('Echo')
    await keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Echo' })).toBeVisible()
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })
  const tabs = page.getByRole('navigation', { name: 'Sections of Echo' })

  await test.step('the authorization server as a resource', async () => {
    await enter(page, tabs.getByRole('link', { name: 'Resources' }))
    await enter(page, page.getByRole('button', { name: 'Gravitee AM Authorization Server Resource' }))
    await enter(page, page.getByRole('button', { name: 'Fill in', exact: true }))
    await expect(page.getByRole('textbox', { name: 'Security domain' })).toHaveValue('demo')
    await enter(page, page.getByRole('button', { name: 'Test', exact: true }))
    await expect(page.getByText('Introspection works with these settings')).toBeVisible()
  })

  const entry = page.getByRole('complementary', { name: 'Policies' }).getByRole('button', { name: /^OAuth2/ })
  const steps = page.getByRole('region', { name: 'Request' }).getByRole('button', { name: /^OAuth2/ })

  await test.step('Enter on a catalogue entry adds the policy, and its resource is chosen', async () => {
    await enter(page, tabs.getByRole('link', { name: 'Policies' }), { backwards: true })
    await enter(page, entry)
    await expect(steps).toHaveCount(1)
    await enter(page, page.getByRole('combobox', { name: 'OAuth2 resource' }))
    await expect(page.getByRole('option', { name: 'am' })).toBeVisible()
    await keyboard.press('ArrowDown')
    await keyboard.press('Enter')
    await expect(steps.first()).toContainText('am')
  })

  await test.step('a step is moved with Alt and an arrow, and removed with Delete', async () => {
    await enter(page, page.getByRole('button', { name: 'Back to the policies' }), { backwards: true })
    await enter(page, entry)
    await expect(steps).toHaveCount(2)
    await expect(steps.nth(1)).toContainText('No resource chosen yet')
    await tabTo(page, steps.nth(1), { backwards: true })
    await keyboard.press('Alt+ArrowLeft')
    await expect(steps.nth(0)).toContainText('No resource chosen yet')
    await expect(steps.nth(0)).toBeFocused()
    await expect(steps.nth(1)).toContainText('am')
    await keyboard.press('Delete')
    await expect(steps).toHaveCount(1)
    await expect(steps.first()).toContainText('am')
  })

  await test.step('deployed', async () => {
    const banner = page.getByRole('region', { name: 'Not deployed yet' })
    await enter(page, banner.getByRole('button', { name: 'Deploy' }), { backwards: true })
    await expect(page.getByRole('main').getByText('Revision 1 running')).toBeVisible()
  })

  const response = page.getByRole('region', { name: 'Response', exact: true })
  const why = page.getByRole('complementary', { name: 'Why' })

  await test.step('refused without a token, and answered with one', async () => {
    await palette(page, 'Console')
    await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue(/\/echo$/)
    await enter(page, page.getByRole('button', { name: 'Send', exact: true }))
    await expect(response.getByRole('status')).toContainText('401')
    await expect(response.getByText(refused.challenge, { exact: true })).toBeVisible()
    await enter(page, why.getByRole('button', { name: 'Get a token' }))
    await expect(response.getByRole('status')).toContainText('200')
  })

  await test.step('the token is opened, and closed again where it was', async () => {
    const chip = page.getByRole('button', { name: /^Token, .* left/ })
    await enter(page, chip, { backwards: true })
    await expect(page.getByRole('dialog', { name: 'Access token' })).toContainText('Signed with HS256')
    await keyboard.press('Escape')
    await expect(chip).toBeFocused()
    await keyboard.press('Control+Enter')
    await expect(page.getByRole('region', { name: 'History' }).getByRole('listitem')).toHaveCount(3)
  })

  await test.step('Overview has ticked every step', async () => {
    await palette(page, 'Overview')
    await expect(page.getByRole('region', { name: 'Secure your first API' }).getByRole('status')).toHaveText('7 of 7')
  })
})
