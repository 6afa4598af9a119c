import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { goTo, setSize, setTheme, themes } from './support/appearance'
import { call } from './support/bridge'
import { everyPage } from './support/places'
import type { Page } from '@playwright/test'
import { test } from './fixtures'

const folder = join(import.meta.dirname, '..', 'docs', 'pictures')

/** Pages that the documentation shows. */
const shown = [
  'overview',
  'domain applications',
  'application',
  'apis',
  'api policies',
  'api resources',
  'console',
  'traffic',
]

/** What makes a page say something, where it is quiet by itself. */
const interesting: Partial<Record<string, (page: Page) => Promise<void>>> = {
  console: async (page) => {
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('button', { name: 'Get a token and send again' }).waitFor()
  },
  'api policies': async (page) => {
    await page
      .getByRole('region', { name: 'Request' })
      .getByRole('button', { name: /^OAuth2/ })
      .first()
      .click()
    await page.getByLabel('Step OAuth2').waitFor()
  },
}

for (const theme of themes) {
  test(`pictures of the window, ${theme}`, async ({ desktop, page }) => {
    await mkdir(folder, { recursive: true })
    await call(page, 'overview.perform', { step: 'refused' })
    await call(page, 'overview.perform', { step: 'answered' })
    await call(page, 'workspace.update', { name: 'Echo lab' })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await setSize(desktop.app, { width: 1440, height: 900 })
    await setTheme(page, theme)
    for (const { name, place } of (await everyPage(page)).filter((one) => shown.includes(one.name))) {
      await goTo(page, place)
      await interesting[name]?.(page)
      await page.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}-${theme}.png`), animations: 'disabled' })
    }
  })
}
