import { call } from './support/bridge'
import { expect, test } from './fixtures'

test('an Enter right after the last letter goes to what was typed', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await call(page, 'applications.create', { domainId: domain.id, name: 'Web' })
  for (const [typed, place] of [
    ['traffic', /traffic/],
    ['settings', /settings/],
    ['rotate', /applications/],
    ['console', /console/],
  ] as const) {
    await page.keyboard.press('Control+k')
    const dialog = page.getByRole('dialog', { name: 'Search' })
    await expect(dialog.getByRole('textbox')).toBeFocused()
    // In one go, faster than any hand: the results are not drawn yet when the Enter comes.
    await dialog.getByRole('textbox').evaluate((box: HTMLInputElement, text) => {
      box.value = text
      box.dispatchEvent(new InputEvent('input', { bubbles: true }))
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    }, typed)
    await expect(dialog).toHaveCount(0)
    await expect(page).toHaveURL(place)
  }
})
