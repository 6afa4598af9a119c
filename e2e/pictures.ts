import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { goTo, setSize, setTheme, themes } from './support/appearance'
import { call } from './support/bridge'
import { everyPage } from './support/places'
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

for (const theme of themes) {
  test(`pictures of the window, ${theme}`, async ({ desktop, page }) => {
    await mkdir(folder, { recursive: true })
    await call(page, 'overview.perform', { step: 'refused' })
    await call(page, 'overview.perform', { step: 'answered' })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await setSize(desktop.app, { width: 1440, height: 900 })
    await setTheme(page, theme)
    for (const { name, place } of (await everyPage(page)).filter((one) => shown.includes(one.name))) {
      await goTo(page, place)
      await page.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}-${theme}.png`), animations: 'disabled' })
    }
  })
}
