import type { OperationAnswer } from '@shared/bridge'
import { expect, test } from './fixtures'
import { goTo } from './support/appearance'

test('the window opens and its bridge answers', async ({ desktop: { app }, page }) => {
  await expect(page).toHaveTitle(/Gatehouse/)
  expect(await app.evaluate(({ app }) => app.getName())).toBe('Gatehouse')

  const workspace = await page.evaluate(() => window.gatehouse.operation('workspace.get', {}))
  expect(workspace).toMatchObject({ ok: true, value: { name: 'Lab', host: '127.0.0.1' } })
  const about = await page.evaluate(() => window.gatehouse.shell({ do: 'about' }))
  const tested = process.env.GATEHOUSE_ELECTRON_VERSION
  expect(about).toMatchObject({ ok: true, value: { version: '0.1.0', ...(tested ? { electron: tested } : {}) } })
})

test('the licences of what ships with the app can be read', async ({ page }) => {
  await goTo(page, '/settings')
  await page.getByRole('button', { name: 'Licences' }).click()
  const licences = page.getByRole('dialog', { name: 'Licences' }).getByRole('region')
  // Of each kind: bundled in the engine and in the window, fonts, icons, and the addon that ships as it is.
  for (const name of ['fastify', '@nuxt/ui', '@fontsource-variable/inter', '@iconify-json/lucide', 'classic-level'])
    await expect(licences).toContainText(new RegExp(`^${name} \\d`, 'm'))
  await expect(licences).toContainText('THE SOFTWARE IS PROVIDED "AS IS"')
})

test('copying and the theme go through the bridge, and the theme is remembered', async ({ start }) => {
  const first = await start()
  await first.page.evaluate(() => window.gatehouse.shell({ do: 'copy', text: 'curl -i' }))
  expect(await first.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('curl -i')
  await first.page.evaluate(() => window.gatehouse.shell({ do: 'set-theme', theme: 'dark' }))
  expect(await first.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true)
  await first.quit()

  const second = await start()
  expect(await second.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark')
})

test('a question that is none of the contract is refused and changes nothing', async ({ page }) => {
  const ask = (name: unknown, input: unknown): Promise<OperationAnswer> =>
    page.evaluate(([name, input]) => window.gatehouse.operation(name as string, input), [name, input])
  expect(await ask('workspace.erase', {})).toMatchObject({ ok: false, problem: { status: 404 } })
  expect(await ask('constructor', {})).toMatchObject({ ok: false, problem: { status: 404 } })
  expect(await ask(7, {})).toMatchObject({ ok: false, problem: { key: 'INVALID_INPUT' } })
  expect(await ask('domains.create', { name: '' })).toMatchObject({ ok: false, problem: { status: 400 } })
  const asked = await page.evaluate(() => window.gatehouse.shell({ do: 'format-disk' } as never))
  expect(asked).toMatchObject({ ok: false, problem: { key: 'INVALID_INPUT' } })
  expect(await ask('domains.list', {})).toEqual({ ok: true, value: [] })
})

test('the page has neither Node nor Electron', async ({ desktop: { app }, page }) => {
  expect(
    await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis)),
  ).toEqual([])
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>
    }
    const { contextIsolation, sandbox, nodeIntegration, webviewTag } = contents.getLastWebPreferences()
    return { contextIsolation, sandbox, nodeIntegration, webviewTag }
  })
  expect(preferences).toEqual({ contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false })
})

test.describe('what the page may not do', () => {
  test.use({
    provoked:
      /Not allowed to load local resource|Content Security Policy|Refused to|request failed: (https?|app):|status of 404|answered 404/i,
  })

  test('run text as code, or fetch from another origin', async ({ page }) => {
    const evaluated = await page.evaluate(async () => {
      const attempt = async (work: () => unknown) => {
        try {
          await work()
          return 'done'
        } catch {
          return 'refused'
        }
      }
      const load = (element: HTMLScriptElement | HTMLImageElement) =>
        new Promise((resolve, reject) => {
          element.onload = resolve
          element.onerror = reject
          document.head.append(element)
        })
      return {
        remote: await attempt(() => fetch('https://example.com/')),
        local: await attempt(() => fetch('http://127.0.0.1:9/')),
        image: await attempt(() => load(Object.assign(new Image(), { src: 'https://example.com/x.png' }))),
        script: await attempt(() =>
          load(Object.assign(document.createElement('script'), { src: 'data:text/javascript,1' })),
        ),
      }
    })
    expect(evaluated).toEqual({ remote: 'refused', local: 'refused', image: 'refused', script: 'refused' })
    // From a script of the page itself: the test's own connection is exempt from the policy.
    const inline = await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.inlineRan = true'
      document.head.append(script)
      return 'inlineRan' in globalThis
    })
    expect(inline).toBe(false)
    const csp = await page.evaluate(async () => (await fetch('/index.html')).headers.get('Content-Security-Policy'))
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("script-src 'self'")
    expect(csp).not.toContain('unsafe-eval')
  })

  test('go elsewhere, open a window, or ask for a permission', async ({ desktop: { app }, page }) => {
    const here = page.url()
    await page.evaluate(() => {
      location.href = 'https://example.com/'
    })
    await page.evaluate(() => {
      location.href = 'file:///etc/passwd'
    })
    expect(await page.evaluate(() => window.open('https://example.com/'))).toBeNull()
    expect(await page.evaluate(() => window.open('app://gatehouse/'))).toBeNull()
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
    const media = await page.evaluate(() =>
      navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'given',
        () => 'refused',
      ),
    )
    expect(media).toBe('refused')
    expect(page.url()).toBe(here)
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })

  test('read files by stepping out of the app', async ({ page }) => {
    const statuses = await page.evaluate(() =>
      Promise.all(
        ['/../package.json', '/%2e%2e/main/index.js', '/..%2fmain%2findex.js', '/%00.js', '/missing.js'].map(
          async (path) => (await fetch(`app://gatehouse${path}`)).status,
        ),
      ),
    )
    expect(statuses).toEqual([404, 404, 404, 404, 404])
  })
})
