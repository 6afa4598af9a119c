import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { codeOf } from '@shared/error-code'
import type { WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'
import { createDocuments, documentFiles, documentFolders } from './documents'
import { isMissing, removeTemporaries, writeDurably } from './files/durable-file'
import { formatJson } from './files/json-text'
import { BACKUP_FOLDER, DOCUMENT_FILE, FORMAT_VERSION, schemas, STATE_FOLDER } from './layout'
import { lockWorkspace } from './lock/lock'
import { migrate } from './migrations/migrations'
import { refuse, workspaceBroken } from './problems'
import { openSecrets } from './secrets/secrets'
import type { OpenOptions, Store } from './store'
import { createStore } from './create-store'
import { watchWorkspace } from './watch'

/**
 * Opens the workspace of a folder, for this process alone. Rejects with ProblemError WORKSPACE_MISSING, WORKSPACE_BROKEN,
 * WORKSPACE_NEWER or WORKSPACE_LOCKED; anything else that is wrong is told by `problems()`.
 */
export async function openWorkspace(path: string, options: OpenOptions = {}): Promise<Store> {
  const folder = resolve(path)
  await mustBeWorkspace(folder)
  const unlock = await lock(folder)
  let close = unlock
  try {
    const written = [STATE_FOLDER, ...(await documentFolders(folder))]
    await removeTemporaries([folder, ...written.map((part) => join(folder, part))])
    await migrateDocument(folder)

    const documents = createDocuments(folder)
    await Promise.all((await documentFiles(folder)).map((file) => documents.load(file)))
    const main = documents.at(DOCUMENT_FILE)
    if (main?.problem !== undefined) throw unusable(folder, main.problem, main.isNewer)
    const document = main?.value as WorkspaceDocument | undefined // its schema was checked by its kind
    if (document === undefined) throw missing(folder)

    const secrets = await openSecrets(folder, document.id, options)
    const store = createStore({ folder, documents, secrets, unlock })
    close = () => store.close()
    store.watchedBy(
      await watchWorkspace(folder, {
        onBurst: (files) => void store.takeUp(files).catch((error: unknown) => store.blind(notTakenUp(error))),
        onBlind: (problem) => store.blind(problem),
      }),
    )
    // What was edited between the first look and the watcher's start.
    await store.takeUp(await documentFiles(folder))
    return store
  } catch (error) {
    await close()
    throw error
  }
}

/** Whether the folder holds a workspace, also one that is broken or newer. */
export async function isWorkspace(folder: string): Promise<boolean> {
  return (await stat(join(folder, DOCUMENT_FILE)).catch(() => undefined))?.isFile() === true
}

/** What was changed from outside could not even be looked at: told as what wants attention, and nothing else stops. */
function notTakenUp(error: unknown): WorkspaceProblem {
  return {
    file: '.',
    message: `what was changed from outside could not be taken up (${codeOf(error) ?? 'unexpected'})`,
    remedy: 'See that the folder can be read, then open the workspace again.',
  }
}

async function mustBeWorkspace(folder: string): Promise<void> {
  try {
    await stat(join(folder, DOCUMENT_FILE))
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ENOTDIR') throw missing(folder)
    throw error
  }
}

async function lock(folder: string): Promise<() => Promise<void>> {
  try {
    return await lockWorkspace(folder)
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    throw refuse({
      key: 'FOLDER_UNUSABLE',
      status: 422,
      title: `The workspace ${folder} cannot be written to`,
      detail: `The system answered ${code}.`,
      remedy: 'Make the folder writable for you, and see that its disk has room.',
    })
  }
}

/** Brings an older `gatehouse.json` to this version's format; what stood there is kept under `.state/backups/`. */
async function migrateDocument(folder: string): Promise<void> {
  const path = join(folder, DOCUMENT_FILE)
  const text = await readFile(path, 'utf8')
  const found = parsed(text)
  const version = found?.formatVersion
  // Anything else is told with its place when the file is loaded.
  if (found === undefined || typeof version !== 'number' || !Number.isInteger(version)) return
  if (version < 1 || version >= FORMAT_VERSION) return
  const stamp = new Date().toISOString().replaceAll(':', '-')
  await writeDurably(join(folder, BACKUP_FOLDER, `${stamp}-format-${version}-${DOCUMENT_FILE}`), text)
  await writeDurably(path, formatJson(migrate(found, FORMAT_VERSION), schemas.workspace))
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function missing(folder: string) {
  return refuse({
    key: 'WORKSPACE_MISSING',
    status: 404,
    title: `There is no workspace in ${folder}`,
    detail: `The folder holds no ${DOCUMENT_FILE}.`,
    remedy: 'Choose the folder of a workspace, or make a new one there (gatehouse init).',
  })
}

function unusable(folder: string, problem: WorkspaceProblem, isNewer: boolean) {
  const error = workspaceBroken(folder, problem)
  if (!isNewer) return error
  return refuse({
    ...error.problem,
    key: 'WORKSPACE_NEWER',
    title: `The workspace ${folder} was made by a newer Gatehouse`,
  })
}
