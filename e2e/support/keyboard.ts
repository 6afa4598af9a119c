import { expect, type Locator, type Page } from '@playwright/test'

/** Most presses of Tab that a way may take; more is a trap. */
const LONGEST_WAY = 80

/** What has the focus, for the message of a test that did not get where it wanted. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const { activeElement } = document
    return activeElement
      ? `${activeElement.tagName} ${activeElement.textContent?.trim().slice(0, 40) ?? ''}`
      : 'nothing'
  })
}

const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement)

/** How a control and what is around it look: outlines, shadows, borders and grounds. */
const looks = (target: Locator): Promise<string> =>
  target.evaluate((element) =>
    [element, element.parentElement ?? element]
      .map((each) => {
        const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(each)
        return [outline, boxShadow, borderColor, backgroundColor].join()
      })
      .join(),
  )

/** Goes to a control with Tab, or backwards with Shift+Tab. It must come into sight, and look other than without the focus. */
export async function tabTo(page: Page, target: Locator, { backwards = false } = {}): Promise<void> {
  await target.waitFor()
  if (await hasFocus(target)) return
  const before = await looks(target)
  for (let presses = 0; !(await hasFocus(target)); presses += 1) {
    if (presses === LONGEST_WAY) throw new Error(`Tab does not reach it; it is at ${await focused(page)}`)
    await page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab')
  }
  await expect(target).toBeInViewport()
  await expect.poll(() => looks(target), `the focus is to be seen at ${await focused(page)}`).not.toBe(before)
}

/** Goes to a control and presses Enter on it. */
export async function enter(page: Page, target: Locator, options?: { backwards?: boolean }): Promise<void> {
  await tabTo(page, target, options)
  await page.keyboard.press('Enter')
}

/** Opens the command palette, finds something by its name and chooses it. */
export async function palette(page: Page, entry: string): Promise<void> {
  await page.keyboard.press('Control+k')
  const dialog = page.getByRole('dialog', { name: 'Search' })
  await expect(dialog.getByRole('textbox')).toBeFocused()
  await page.keyboard.type(entry)
  const found = dialog.getByRole('option', { name: entry }).first()
  // The list highlights its first entry anew a moment after it was filtered; Enter before that does nothing.
  await expect(async () => {
    await expect(found).toHaveAttribute('data-highlighted', '', { timeout: 1000 })
    await page.keyboard.press('Enter')
    await expect(dialog).toHaveCount(0, { timeout: 2000 })
  }).toPass({ timeout: 10_000 })
}
