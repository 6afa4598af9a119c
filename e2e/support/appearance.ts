import type { ElectronApplication, Page } from '@playwright/test'

export type Theme = 'light' | 'dark'
export interface Size {
  readonly width: number
  readonly height: number
}

/** Sizes that a page must look right at: a small notebook's and a desktop's. */
export const sizes: readonly Size[] = [
  { width: 1280, height: 800 },
  { width: 1600, height: 1000 },
]
export const themes: readonly Theme[] = ['light', 'dark']

/** Gives the window's page a size. */
export async function setSize(app: ElectronApplication, size: Size): Promise<void> {
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height)
  }, size)
}

/** Chooses a theme as a person's earlier choice: remembered by the window, in force after a reload. */
export async function setTheme(page: Page, theme: Theme): Promise<void> {
  await page.evaluate((theme) => localStorage.setItem('vueuse-color-scheme', theme), theme)
  await page.reload()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}

/** Goes to a page by its place in the window, and waits until it has taken the place of the one before. */
export async function goTo(page: Page, place: string): Promise<void> {
  // Until the window's first page stands, the router would put its own place back.
  await page.locator('main header h1').first().waitFor()
  const left = await page.evaluate((place) => {
    if (location.hash === `#${place}`) return false
    document.querySelector('main header')?.setAttribute('data-left', '')
    location.hash = `#${place}`
    return true
  }, place)
  if (!left) return
  // A tab of the same page keeps the page's header.
  const tab = page.locator(`main nav a[aria-current="page"][href="#${place.replace(/\?.*/, '')}"]`)
  await page.locator('main header:not([data-left]) h1').or(tab).first().waitFor()
}

/** Waits until what moves into its place has come to rest; what turns for ever is let be. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const moving = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime ?? 0))
    await Promise.allSettled(moving.map(({ finished }) => finished))
  })
}
