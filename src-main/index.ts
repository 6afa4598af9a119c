import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, nativeTheme, session } from 'electron'
import { APP_ORIGIN, registerAppScheme, serveApp } from './shell/app-protocol'
import { ownArguments, parseDesktopArguments } from './shell/arguments'
import { createDesktop, type Desktop } from './shell/desktop'
import { workspacesFolder } from './shell/dialogs'
import { catchFaults } from './shell/faults'
import { answerWindow } from './shell/ipc'
import { denyPermissions, keepOffline, lockNavigation } from './shell/lockdown'
import { openLog } from './shell/log'
import { createLoginWindows, type LoginWindows } from './shell/login-window'
import { openPreferences } from './shell/preferences'
import { TROUBLE_PATH, troubleChoice } from './shell/trouble'
import { openWindow } from './shell/window'
import { createWorkspaces } from './shell/workspaces'

const here = parseDesktopArguments(ownArguments(process.argv, app.isPackaged), process.cwd())
if (here.userDataFolder !== undefined) app.setPath('userData', here.userDataFolder)
const logFile = join(app.getPath('userData'), 'logs', 'gatehouse.log')
const log = openLog(logFile)
catchFaults(log, logFile)
// Every process sandboxed, unless the person started it without, as root must: both at once is a crash.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
registerAppScheme()

/** Vite's server while developing; the pages that ship otherwise. */
const developmentServer = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL
const isOwnPage = (address: string) =>
  address.startsWith(`${APP_ORIGIN}/`) ||
  (developmentServer !== undefined && new URL(address).origin === new URL(developmentServer).origin)
const pageAddress = (path: string) =>
  developmentServer !== undefined && path !== TROUBLE_PATH ? developmentServer : APP_ORIGIN + path

if (app.requestSingleInstanceLock()) void run()
else {
  if (here.printReady) console.log(JSON.stringify({ alreadyRunning: true }))
  app.quit()
}

async function run(): Promise<void> {
  // Set once the window is there; navigation and quitting are watched from the beginning.
  const held: { desktop?: Desktop; logins?: LoginWindows } = {}
  const follow = (address: string) => {
    const choice = troubleChoice(address)
    if (choice !== undefined) held.desktop?.choose(choice)
    return choice !== undefined
  }
  lockNavigation(isOwnPage, follow, (contents) => held.logins?.isLogin(contents) === true)
  quitCleanly(() => held.desktop?.close())
  await app.whenReady()

  keepOffline(session.defaultSession)
  denyPermissions(session.defaultSession)
  serveApp(session.defaultSession, join(import.meta.dirname, '../renderer'), (path) =>
    path === TROUBLE_PATH ? held.desktop?.troublePage() : undefined,
  )
  const preferences = openPreferences(join(app.getPath('userData'), 'preferences.json'))
  nativeTheme.themeSource = preferences.get().theme ?? 'system'

  const sample = join(workspacesFolder(), 'echo-lab')
  const window = openWindow(join(import.meta.dirname, '../preload/index.cjs'), preferences)
  const workspaces = createWorkspaces({
    version: app.getVersion(),
    workerUrl: new URL('./engine/worker.js', import.meta.url),
    readingThreadUrl: new URL('./formats/reading-thread.js', import.meta.url),
    sampleFolder: sample,
    onFault: log,
  })
  const logins = createLoginWindows(window)
  held.logins = logins
  const opening = createDesktop({
    window,
    logins,
    workspaces,
    preferences,
    log,
    licencesFile: join(import.meta.dirname, '../THIRD-PARTY-LICENSES.txt'),
    pageAddress,
  })
  held.desktop = opening
  answerWindow(isOwnPage, {
    operation: (name, input) => opening.operation(name, input),
    shell: (request) => opening.shell(request),
    onFault: log,
  })
  app.on('second-instance', (_event, argv, cwd) => {
    opening.focus()
    const { folder } = parseDesktopArguments(ownArguments(argv, app.isPackaged), cwd)
    if (folder !== undefined && folder !== opening.folder()) void opening.open(folder)
  })
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log(`The window's process ended: ${reason}`)
    if (reason !== 'clean-exit' && !window.isDestroyed()) window.reload()
  })

  // Named by the person, or open last and still there, or the sample, which is made when it is missing.
  const last = preferences.get().recentWorkspaces?.find((recent) => workspaces.exists(recent))
  const folder = here.folder ?? last ?? sample
  // A folder that was named and is not there is told: a name that was mistyped is not to become a workspace.
  const mayMake = folder === sample || existsSync(folder)
  const opened = await (mayMake ? opening.openOrCreate(folder) : opening.open(folder))
  if (!here.printReady) return
  console.log(JSON.stringify(opened === undefined ? { trouble: opening.trouble() } : { ready: opened.ready() }))
}

/** Quits only after the workspace is closed: requests in flight are finished and every edit is on disk. */
function quitCleanly(close: () => Promise<void> | undefined): void {
  let closed = false
  let closing = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    if (closing) return
    closing = true
    void Promise.resolve(close())
      .catch((error: unknown) => log('The workspace did not close cleanly', error))
      .then(() => {
        closed = true
        app.quit()
      })
  })
  app.on('window-all-closed', () => app.quit())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
}
