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

/** Goes to a page by its place in the window, and waits for its heading. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((place) => {
    location.hash = `#${place}`
  }, place)
  await page.locator('main h1').first().waitFor()
}
