import { setSize, setTheme, settle, sizes, themes } from './support/appearance'
import { findings } from './support/axe'
import { call } from './support/bridge'
import { makePeople } from './support/people'
import { makeSite } from './support/site'
import { everyOpening, everyPage, show } from './support/places'
import { expect, test } from './fixtures'

for (const theme of themes) {
  // How wide things are is no matter of colours: in the dark one window will do.
  for (const size of theme === 'light' ? sizes : sizes.slice(0, 1)) {
    for (const content of ['nothing', 'the whole walk-through'] as const) {
      test(`axe finds nothing and all fits: ${theme}, ${size.width}×${size.height}, a workspace with ${content} in it`, async ({
        desktop,
        page,
      }) => {
        test.slow()
        if (content !== 'nothing') {
          await call(page, 'overview.perform', { step: 'refused' })
          await call(page, 'overview.perform', { step: 'answered' })
          const [domain] = await call(page, 'domains.list', {})
          await makePeople(page, domain!.id)
          await makeSite(page, domain!.id)
          const secret = { key: 'password', value: 'correct horse', encryptable: true }
          const properties = [{ key: 'blue', value: 'http://127.0.0.1:3000' }, secret]
          await call(page, 'dictionaries.create', { name: 'Tenants', properties })
        }
        await page.emulateMedia({ reducedMotion: 'reduce' })
        await setSize(desktop.app, size)
        await setTheme(page, theme)
        const found: Record<string, string[]> = {}
        // What opens over a page is as wide in either window.
        const openings = size === sizes[0] ? await everyOpening(page) : []
        for (const place of [...(await everyPage(page)), ...openings]) {
          await show(page, place)
          await settle(page)
          const here = await findings(page, theme === 'light' ? 'everything' : 'colours')
          if (here.length > 0) found[place.name] = here
        }
        expect(found).toEqual({})
      })
    }
  }
}
