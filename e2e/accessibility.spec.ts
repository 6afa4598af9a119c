import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { goTo, setSize, setTheme, sizes, themes } from './support/appearance'
import { call } from './support/bridge'
import { everyPage } from './support/places'
import { expect, test } from './fixtures'

/** What axe finds wrong, one line each. */
async function findings(page: Page): Promise<string[]> {
  // In legacy mode, as the app does not let a page open another.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`))
}

for (const theme of themes) {
  for (const size of sizes) {
    test.describe(`${theme}, ${size.width}×${size.height}`, () => {
      for (const content of ['nothing', 'the whole walk-through'] as const) {
        test(`axe finds nothing on any page of a workspace with ${content} in it`, async ({ desktop, page }) => {
          test.slow()
          if (content !== 'nothing') await call(page, 'overview.perform', { step: 'answered' })
          await page.emulateMedia({ reducedMotion: 'reduce' })
          await setSize(desktop.app, size)
          await setTheme(page, theme)
          const found: Record<string, string[]> = {}
          for (const { name, place } of await everyPage(page)) {
            await goTo(page, place)
            const here = await findings(page)
            if (here.length > 0) found[name] = here
          }
          expect(found).toEqual({})
        })

        test(`no page of a workspace with ${content} in it is wider than the window`, async ({ desktop, page }) => {
          if (content !== 'nothing') await call(page, 'overview.perform', { step: 'answered' })
          await setSize(desktop.app, size)
          await setTheme(page, theme)
          const wide: string[] = []
          for (const { name, place } of await everyPage(page)) {
            await goTo(page, place)
            const { scrollWidth, clientWidth } = await page.evaluate(() => {
              const { scrollWidth, clientWidth } = document.documentElement
              return { scrollWidth, clientWidth }
            })
            if (scrollWidth > clientWidth) wide.push(`${name}: ${scrollWidth} in ${clientWidth}`)
          }
          expect(wide).toEqual([])
        })
      }
    })
  }
}
