import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'

const root = join(import.meta.dirname, '..', '..')

/** The app as a test has it: started, its window open, and everything that it said. */
export interface Desktop {
  readonly app: ElectronApplication
  readonly page: Page
  /** What must not happen, in the order it did: console errors and warnings, page errors, failed requests. */
  readonly complaints: readonly string[]
  isRunning(): boolean
  /** Quits as a person does, and waits until it is gone. */
  quit(): Promise<void>
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
}

/** Where a started app keeps what it keeps. */
export interface Places {
  /** Home folder in place of the person's, so that no key or preference of theirs is touched. */
  readonly home: string
  readonly userData: string
  readonly workspace: string
  /** Chromium's own record of every request, written as it quits. */
  readonly netLog: string
}

/** Environment of the app and of the command line in a test. */
export function environment(places: Pick<Places, 'home'>): NodeJS.ProcessEnv {
  const { home } = places
  return {
    ...process.env,
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    GATEHOUSE_KEY: undefined,
  }
}

/**
 * Starts the app on a workspace and waits for its window.
 *
 * @param provoked complaints that the test brings about on purpose
 */
export async function startDesktop(places: Places, provoked?: RegExp): Promise<Desktop> {
  const executablePath = process.env.GATEHOUSE_ELECTRON
  if (executablePath === undefined) throw new Error('GATEHOUSE_ELECTRON names no Electron: run npm run test:e2e')
  const env = Object.entries(environment(places)).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const app = await _electron.launch({
    executablePath,
    cwd: root,
    colorScheme: null, // the app's own theme, not one that the test pretends
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${places.userData}`,
      `--log-net-log=${places.netLog}`,
      root,
      places.workspace,
    ],
    env: Object.fromEntries(env),
  })
  const complaints: string[] = []
  const page = await app.firstWindow()
  watch(page, (complaint) => {
    if (provoked?.test(complaint) !== true) complaints.push(complaint)
  })
  await page.waitForLoadState()
  const child = app.process()
  let running = true
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running = false
      resolve()
    })
  })
  return {
    app,
    page,
    complaints,
    isRunning: () => running,
    quit: async () => {
      await app.close()
      await gone
    },
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

function watch(page: Page, complain: (complaint: string) => void): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complain(`page error: ${error.message}`))
  page.on('requestfailed', (request) => {
    complain(`request failed: ${request.url()} (${request.failure()?.errorText ?? ''})`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complain(`request answered ${response.status()}: ${response.url()}`)
  })
}

/** The addresses that Chromium asked for outside of the app and this machine. */
export async function requestsLeavingTheMachine(netLog: string): Promise<string[]> {
  const text = await readFile(netLog, 'utf8')
  const addresses = [...text.matchAll(/"url":"((?:https?|wss?|ftp):\/\/[^"]*)"/g)].map((match) => match[1]!)
  return [...new Set(addresses.filter((address) => new URL(address).hostname !== '127.0.0.1'))]
}
