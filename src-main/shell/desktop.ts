import { readFile } from 'node:fs/promises'
import { app, clipboard, nativeTheme, shell, type BrowserWindow } from 'electron'
import {
  channels,
  type About,
  type Licences,
  type OperationAnswer,
  type SavedTraffic,
  type ShellRequest,
} from '@shared/bridge'
import type { OperationInput, OperationName, OperationOutput } from '@shared/operations'
import { ProblemError, type Problem } from '@shared/problem'
import type { TrafficFormat } from '@shared/traffic-export'
import type { TrafficFilter } from '@shared/traffic-filter'
import { coalesceTraffic } from './coalesce-traffic'
import { askForNewWorkspace, askForWorkspace, askWhereToSaveApi, askWhereToSaveTraffic, tellProblem } from './dialogs'
import { internalProblem } from './ipc'
import { authorityOf, saveAuthority } from './save-authority'
import { saveFile } from './save-file'
import type { Log } from './log'
import type { LoginWindows } from './login-window'
import { setMenu } from './menu'
import type { OpenedWorkspace, Workspaces } from './opened-workspace'
import { withRecent, type PreferencesFile } from './preferences'
import { TROUBLE_PATH, troublePage, type TroubleChoice } from './trouble'

export interface DesktopOptions {
  readonly window: BrowserWindow
  readonly logins: LoginWindows
  readonly workspaces: Workspaces
  readonly preferences: PreferencesFile
  readonly log: Log
  /** What the build wrote of the licences of all that ships with it. */
  readonly licencesFile: string
  /** Address of a page of the window, by its path. */
  readonly pageAddress: (path: string) => string
}

/** One window and the workspace that it shows, at most one at a time. */
export interface Desktop {
  /** Opens a workspace in place of the one that is open, or shows why it cannot be. Never rejects. */
  open(folder: string): Promise<OpenedWorkspace | undefined>
  /** The same; makes the sample workspace in a folder that is missing or empty. */
  openOrCreate(folder: string): Promise<OpenedWorkspace | undefined>
  /** Folder of the workspace that is open or was to be. */
  folder(): string
  /** Why no workspace is open. */
  trouble(): Problem | undefined
  operation(name: string, input: unknown): Promise<OperationAnswer>
  shell(request: ShellRequest): Promise<unknown>
  /** Acts on a choice of the page that says why no workspace is open. */
  choose(choice: TroubleChoice): void
  /** The page that says why no workspace is open. */
  troublePage(): string
  focus(): void
  /** Closes the workspace; nothing is lost by it. */
  close(): Promise<void>
}

const noWorkspace: Problem = {
  key: 'NO_WORKSPACE',
  status: 503,
  title: 'No workspace is open',
  remedy: 'Open one from the File menu.',
}

export function createDesktop({
  window,
  logins,
  workspaces,
  preferences,
  log,
  licencesFile,
  pageAddress,
}: DesktopOptions): Desktop {
  let opened: OpenedWorkspace | undefined
  let trouble: { folder: string; problem: Problem } | undefined
  let forwarding: () => void = () => undefined
  // Opening and closing take turns, so that two clicks do not leave two engines.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work, work)
    turn = next.catch(() => undefined)
    return next
  }

  const leave = async () => {
    const leaving = opened
    opened = undefined
    forwarding()
    forwarding = () => undefined
    await logins.forget()
    await leaving?.close().catch((error: unknown) => log('A workspace did not close cleanly', error))
  }

  const show = (path: string) =>
    window.loadURL(pageAddress(path)).catch((error: unknown) => {
      if (!window.isDestroyed()) log(`The window did not load ${path}`, error)
    })

  const enter = async (folder: string, makeWhenMissing: boolean): Promise<OpenedWorkspace | undefined> => {
    await leave()
    try {
      if (makeWhenMissing && workspaces.isVacant(folder)) await workspaces.create(folder, 'sample')
      const entered = await workspaces.open(folder)
      opened = entered
      trouble = undefined
      const traffic = coalesceTraffic((event) => {
        if (!window.isDestroyed()) window.webContents.send(channels.event, event)
      })
      const stop = entered.onEvent(traffic.take)
      forwarding = () => {
        stop()
        traffic.stop()
      }
      remember(folder)
      await show('/')
      return entered
    } catch (error) {
      trouble = { folder, problem: problemOf(error) }
      await show(TROUBLE_PATH)
      return undefined
    }
  }

  const problemOf = (error: unknown): Problem => {
    if (error instanceof ProblemError) return error.problem
    log('A workspace could not be opened', error)
    return internalProblem
  }

  const remember = (folder: string) => {
    try {
      preferences.update({ recentWorkspaces: withRecent(preferences.get(), folder) })
    } catch (error) {
      // A full disk or a locked home keeps no workspace from being used.
      log('The preferences could not be written', error)
    }
    refreshMenu()
  }

  const open = (folder: string) => inTurn(() => enter(folder, false))

  const openAnother = async () => {
    const folder = await askForWorkspace(window)
    if (folder === undefined) return
    // Looked at first: a wrong choice in the dialog must not close what is open.
    if (!workspaces.exists(folder)) throw new ProblemError(notAWorkspace(folder))
    await open(folder)
  }

  const createAnother = async () => {
    const folder = await askForNewWorkspace(window)
    if (folder === undefined) return
    await workspaces.create(folder, 'empty')
    await open(folder)
  }

  /** For menu and page, where nobody waits for an answer. What is open stays open. */
  const tell = (folder: string, work: Promise<unknown>) =>
    void work.catch(async (error: unknown) => {
      const problem = problemOf(error)
      if (opened !== undefined) return await tellProblem(window, problem)
      trouble = { folder, problem }
      await show(TROUBLE_PATH)
    })

  const openLogin = async (attemptId: string, keepsSession: boolean) => {
    const { address, redirectUri } = await ask('tryIt.address', { attemptId })
    const { authorization } = await ask('engine.status', {})
    // The address is none of the page's choosing, and still looked at: this window goes nowhere else.
    if (authorization.state !== 'listening' || !isAt(address, authorization.address)) throw new ProblemError(movedAway)
    await logins.open({
      attemptId,
      address,
      redirectUri,
      certificate: authorization.certificate,
      keepsSession,
      traceKey: opened?.traceKey ?? '',
      onMessage: (message) => {
        if (!window.isDestroyed()) window.webContents.send(channels.login, message)
      },
    })
  }

  /** Runs an operation of the workspace that is open; rejects with ProblemError. */
  const ask = async <N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationOutput<N>> => {
    const answer = (await opened?.run(name, input)) ?? { ok: false, problem: noWorkspace }
    if (!answer.ok) throw new ProblemError(answer.problem)
    return answer.value as OperationOutput<N> // what the handler of this very operation answers
  }

  const saveTraffic = async (
    format: TrafficFormat,
    filter: TrafficFilter,
  ): Promise<SavedTraffic | Record<string, never>> => {
    const file = await askWhereToSaveTraffic(window, format)
    if (file === undefined) return {}
    const { text, ...told } = await ask('traffic.export', { format, filter })
    await saveFile(file, text)
    return { file, ...told }
  }

  const saveApi = async (input: OperationInput<'apis.export'>): Promise<{ file?: string }> => {
    const { fileName, content } = await ask('apis.export', input)
    const file = await askWhereToSaveApi(window, fileName)
    if (file === undefined) return {}
    await saveFile(file, content)
    return { file }
  }

  const currentFolder = () => opened?.folder ?? trouble?.folder ?? ''

  const refreshMenu = () =>
    setMenu(
      {
        newWorkspace: () => tell(currentFolder(), createAnother()),
        openWorkspace: () => tell(currentFolder(), openAnother()),
        openRecent: (folder) => tell(folder, open(folder)),
        showWorkspaceFolder: () => void shell.openPath(currentFolder()),
      },
      preferences.get().recentWorkspaces ?? [],
    )
  refreshMenu()

  return {
    open,
    openOrCreate: (folder) => inTurn(() => enter(folder, true)),
    folder: currentFolder,
    trouble: () => trouble?.problem,
    operation: (name, input) => opened?.run(name, input) ?? Promise.resolve({ ok: false, problem: noWorkspace }),
    async shell(request) {
      switch (request.do) {
        case 'open-workspace':
          return await openAnother()
        case 'new-workspace':
          return await createAnother()
        case 'show-workspace-folder':
          return void (await shell.openPath(currentFolder()))
        case 'copy':
          return clipboard.writeText(request.text)
        case 'set-theme':
          nativeTheme.themeSource = request.theme
          return preferences.update({ theme: request.theme })
        case 'about':
          return about()
        case 'licences':
          return await licences(licencesFile)
        case 'save-authority':
          return await saveAuthority(window, await authorityOf(opened))
        case 'save-traffic':
          return await saveTraffic(request.format, request.filter)
        case 'save-api':
          return await saveApi({
            ...{ apiId: request.apiId, format: request.format, syntax: request.syntax },
            ...(request.revision === undefined ? {} : { revision: request.revision }),
          })
        case 'open-login':
          return await openLogin(request.attemptId, request.keepsSession)
        case 'close-login':
          return logins.close()
      }
    },
    choose(choice) {
      const folder = currentFolder()
      if (choice === 'retry') tell(folder, open(folder))
      else if (choice === 'open') tell(folder, openAnother())
      else if (choice === 'new') tell(folder, createAnother())
      else app.quit()
    },
    troublePage: () => troublePage(trouble?.folder ?? '', trouble?.problem ?? noWorkspace),
    focus() {
      if (window.isMinimized()) window.restore()
      window.focus()
    },
    close: () => inTurn(leave),
  }
}

function about(): About {
  const { electron = '', chrome = '', node } = process.versions
  return {
    version: app.getVersion(),
    electron,
    chromium: chrome,
    node,
    platform: `${process.platform} ${process.arch}`,
  }
}

async function licences(file: string): Promise<Licences> {
  const text = await readFile(file, 'utf8').catch(() => {
    // Only while it is developed: the build of the window writes it.
    throw new ProblemError({
      key: 'LICENCES_MISSING',
      status: 404,
      title: 'The licences are not there',
      remedy: 'Build the app: npm run build writes them.',
    })
  })
  return { text }
}

const isAt = (address: string, server: string) => new URL(address).origin === new URL(server).origin

const movedAway: Problem = {
  key: 'AUTHORIZATION_MOVED',
  status: 409,
  title: 'The authorization server is not where this attempt began any more',
  remedy: 'Start anew.',
}

const notAWorkspace = (folder: string): Problem => ({
  key: 'NOT_A_WORKSPACE',
  status: 404,
  title: `${folder} holds no workspace`,
  detail: 'A workspace is a folder with a file gatehouse.json in it.',
  remedy: 'Choose another folder, or make a new workspace.',
})
