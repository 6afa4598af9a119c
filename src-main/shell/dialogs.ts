import { homedir } from 'node:os'
import { extname, join } from 'node:path'
import { dialog, type BrowserWindow } from 'electron'
import type { Problem } from '@shared/problem'
import type { TrafficFormat } from '@shared/traffic-export'

/** Where workspaces are kept unless a person chooses otherwise. */
export const workspacesFolder = () => join(homedir(), 'Gatehouse')

/** Asks for the folder of a workspace; undefined when the person thought better of it. */
export async function askForWorkspace(window: BrowserWindow): Promise<string | undefined> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open workspace',
    message: 'Choose the folder of a workspace (it holds gatehouse.json)',
    buttonLabel: 'Open workspace',
    properties: ['openDirectory'],
  })
  return canceled ? undefined : filePaths[0]
}

/** Asks where a new workspace shall be. */
export async function askForNewWorkspace(window: BrowserWindow): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'New workspace',
    message: 'Name the folder of the new workspace',
    buttonLabel: 'Create workspace',
    defaultPath: join(workspacesFolder(), 'lab'),
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  return canceled || filePath === '' ? undefined : filePath
}

/** Asks where a copy of the certificate of a workspace's authority shall be. */
export async function askWhereToSaveAuthority(window: BrowserWindow): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Save certificate',
    message: 'Save the certificate of the certificate authority',
    buttonLabel: 'Save',
    defaultPath: join(homedir(), 'gatehouse-ca.pem'),
    filters: [{ name: 'Certificate (PEM)', extensions: ['pem', 'crt'] }],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  return canceled || filePath === '' ? undefined : filePath
}

/** Asks where the recorded requests shall be saved. */
export async function askWhereToSaveTraffic(window: BrowserWindow, format: TrafficFormat): Promise<string | undefined> {
  const filters = {
    har: { name: 'HTTP archive', extensions: ['har'] },
    jsonl: { name: 'JSON lines', extensions: ['jsonl'] },
  }
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Export traffic',
    message: 'Save the requests that are shown',
    buttonLabel: 'Save',
    defaultPath: join(homedir(), `gatehouse-traffic.${format}`),
    filters: [filters[format]],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  return canceled || filePath === '' ? undefined : filePath
}

/** Asks where an API shall be saved as a file. @param name that is offered, with its extension */
export async function askWhereToSaveApi(window: BrowserWindow, name: string): Promise<string | undefined> {
  const extension = extname(name).slice(1)
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Export API',
    message: 'Save the API as a file',
    buttonLabel: 'Save',
    defaultPath: join(homedir(), name),
    filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  return canceled || filePath === '' ? undefined : filePath
}

/** Tells what did not work, and what can be done about it. */
export async function tellProblem(window: BrowserWindow, problem: Problem): Promise<void> {
  const detail = [problem.detail, problem.remedy].filter((text) => text !== undefined).join('\n\n')
  await dialog.showMessageBox(window, { type: 'warning', message: problem.title, detail, buttons: ['OK'] })
}
