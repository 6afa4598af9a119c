import { addCollection } from '@iconify/vue'
import lucide from './icons.json'

/**
 * Gives the icons in use to Nuxt UI. `icons.json` is the part of @iconify-json/lucide that the sources name, so that
 * nothing is ever fetched; `icons.test.ts` keeps it exact and writes it anew with `vitest run src-renderer/icons --update`.
 */
export function registerIcons(): void {
  addCollection(lucide)
}
