import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** What axe finds wrong, and what does not fit into the window's width; one line each. */
export async function findings(page: Page): Promise<string[]> {
  // In legacy mode, as the app does not let a page open another.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return { scrollWidth, clientWidth }
  })
  return [
    ...violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`)),
    ...(scrollWidth > clientWidth ? [`${scrollWidth} pixels wide in a window of ${clientWidth}`] : []),
  ]
}
