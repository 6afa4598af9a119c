import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, type Page } from '@playwright/test'
import type { Bridge } from '@shared/bridge'
import { environment, requestsLeavingTheMachine, startDesktop, type Desktop, type Places } from './support/desktop'
import { makeWorkspace, type WorkspaceKind } from './support/workspace'

declare global {
  interface Window {
    readonly gatehouse: Bridge
  }
}

/** Playwright's own trace of each step, kept for a test that fails. It makes every test a fifth slower. */
const tracesSteps = process.env.GATEHOUSE_E2E_TRACE !== undefined

interface Options {
  /** What the workspace holds at the start. */
  readonly workspaceKind: WorkspaceKind
  /** Console messages and failed requests that a test provokes on purpose. */
  readonly provoked: RegExp | undefined
}

interface Fixtures {
  readonly places: Places
  /** Starts the app, on the test's own places but for those given; for tests that start it more than once. */
  readonly start: (others?: Partial<Places>) => Promise<Desktop>
  readonly desktop: Desktop
  /** The app's window. */
  readonly page: Page
}

/**
 * A test in the real app, with folders and ports of its own. It fails on any console error or warning, page error,
 * failed request, fault in the app's log, and request that would leave the machine.
 */
export const test = base.extend<Options & Fixtures>({
  workspaceKind: ['empty', { option: true }],
  provoked: [undefined, { option: true }],

  places: async ({ workspaceKind }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-e2e-'))
    const places: Places = {
      home: join(folder, 'home'),
      userData: join(folder, 'user-data'),
      workspace: join(folder, 'lab'),
      netLog: join(folder, 'net-log.json'),
    }
    await makeWorkspace(places.workspace, workspaceKind, environment(places))
    await use(places)
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  },

  start: async ({ places, provoked }, use, testInfo) => {
    const started: Desktop[] = []
    await use(async (others) => {
      const desktop = await startDesktop({ ...places, ...others }, provoked)
      started.push(desktop)
      if (tracesSteps) await desktop.app.context().tracing.start({ snapshots: true })
      return desktop
    })
    const running = started.filter((desktop) => desktop.isRunning())
    const failed = testInfo.status !== testInfo.expectedStatus
    for (const { app, page, quit } of running) {
      if (failed) {
        const picture = testInfo.outputPath('window.png')
        await page.screenshot({ path: picture }).catch(() => undefined)
        if (tracesSteps) await app.context().tracing.stop({ path: testInfo.outputPath('trace.zip') })
      }
      await quit()
    }
    const complaints = started.flatMap((desktop) => desktop.complaints)
    if (complaints.length > 0) throw new Error(`The window complained:\n${complaints.join('\n')}`)
    const log = join(places.userData, 'logs', 'gatehouse.log')
    if (existsSync(log)) throw new Error(`The app logged a fault:\n${await readFile(log, 'utf8')}`)
    if (running.length > 0) {
      const leaving = await requestsLeavingTheMachine(places.netLog)
      if (leaving.length > 0) throw new Error(`Requests would leave the machine:\n${leaving.join('\n')}`)
    }
  },

  desktop: async ({ start }, use) => {
    await use(await start())
  },

  page: async ({ desktop }, use) => {
    await use(desktop.page)
  },
})

export { expect } from '@playwright/test'
