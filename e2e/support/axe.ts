import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** The rules whose verdict depends on colours. */
const COLOURS = ['color-contrast', 'link-in-text-block']

/**
 * What axe finds wrong, and what does not fit into the window's width; one line each.
 *
 * @param of only what colours do: enough for a theme of a page whose structure was looked at in the other one
 */
export async function findings(page: Page, of: 'everything' | 'colours' = 'everything'): Promise<string[]> {
  // In legacy mode, as the app does not let a page open another.
  const axe = new AxeBuilder({ page }).setLegacyMode(true)
  const { violations } = await (of === 'colours' ? axe.withRules(COLOURS) : axe).analyze()
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return { scrollWidth, clientWidth }
  })
  return [
    ...violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`)),
    ...(scrollWidth > clientWidth ? [`${scrollWidth} pixels wide in a window of ${clientWidth}`] : []),
  ]
}
