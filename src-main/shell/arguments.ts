import { resolve } from 'node:path'

/** What the desktop app was started with. */
export interface DesktopArguments {
  /** Workspace to open, absolute; undefined: the one that was open last. */
  readonly folder: string | undefined
  /** Whether to tell stdout when everything answers, for programs that start the app. */
  readonly printReady: boolean
  /** Folder of the app's own files (preferences, window state) in place of the user's. */
  readonly userDataFolder: string | undefined
}

/**
 * Reads `[DIR] [--print-ready] [--user-data-dir=DIR]`. Switches of Chromium and Node stand among them and are passed over.
 *
 * @param argv without the executable, and without the app's folder when the app is not packaged
 * @param cwd what relative folders are relative to
 */
export function parseDesktopArguments(argv: readonly string[], cwd: string): DesktopArguments {
  const folder = argv.find((argument) => argument !== '' && !argument.startsWith('-'))
  const userDataSwitch = '--user-data-dir='
  const userData = argv.find((argument) => argument.startsWith(userDataSwitch))?.slice(userDataSwitch.length)
  return {
    folder: folder === undefined ? undefined : resolve(cwd, folder),
    printReady: argv.includes('--print-ready'),
    userDataFolder: userData ? resolve(cwd, userData) : undefined,
  }
}

/** The arguments of the app itself out of a process's: an app that is not packaged is named by its folder first. */
export function ownArguments(argv: readonly string[], isPackaged: boolean): readonly string[] {
  const rest = argv.slice(1)
  if (isPackaged) return rest
  const appFolder = rest.findIndex((argument) => !argument.startsWith('-'))
  return rest.filter((_, index) => index !== appFolder)
}
