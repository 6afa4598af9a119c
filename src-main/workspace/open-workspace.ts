import { readFile, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { codeOf } from '@shared/error-code'
import type { WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'
import { createDocuments, listFiles } from './documents'
import { isMissing, writeDurably } from './files/durable-file'
import { formatJson } from './files/json-text'
import { createTurns } from './files/turns'
import { BACKUP_FOLDER, DOCUMENT_FILE, FORMAT_VERSION, schemas } from './layout'
import { lockWorkspace } from './lock/lock'
import { migrate } from './migrations/migrations'
import { refuse, workspaceBroken } from './problems'
import { openSecrets } from './secrets/secrets'
import type { OpenOptions, Store } from './store'
import { createStore, type OpenStore } from './create-store'
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
    // First of all, so that every file is seen as it is read, or seen to change.
    const watched = await watchFor(folder)
    close = async () => {
      watched.stop()
      await unlock()
    }
    const found = await listFiles(folder)
    for (const file of found.temporaries) await rm(join(folder, file), { force: true })
    await migrateDocument(folder)

    const documents = createDocuments(folder)
    const turns = createTurns()
    for (const file of found.documents) {
      await turns.mayPause()
      await documents.load(file)
    }
    const main = documents.at(DOCUMENT_FILE)
    if (main?.problem !== undefined) throw unusable(folder, main.problem, main.isNewer)
    const document = main?.value as WorkspaceDocument | undefined // its schema was checked by its kind
    if (document === undefined) throw missing(folder)

    const secrets = await openSecrets(folder, document.id, options)
    const store = createStore({ folder, documents, secrets, unlock })
    close = () => store.close()
    store.watchedBy(() => watched.stop())
    await watched.tellTo(store)
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

interface Watched {
  /** Has the store take up what has changed so far, and what does from now on. */
  tellTo(store: OpenStore): Promise<void>
  stop(): void
}

/** Watches a workspace for a store that is not there yet. */
async function watchFor(folder: string): Promise<Watched> {
  const changed = new Set<string>()
  let unwatched: WorkspaceProblem | undefined
  let told: OpenStore | undefined
  const stop = await watchWorkspace(folder, {
    onBurst(files) {
      if (told === undefined) for (const file of files) changed.add(file)
      else told.takeUp(files).catch((error: unknown) => told?.blind(notTakenUp(error)))
    },
    onBlind(problem) {
      unwatched = problem
      told?.blind(problem)
    },
  })
  return {
    async tellTo(store) {
      told = store
      if (unwatched !== undefined) store.blind(unwatched)
      await store.takeUp([...changed])
    },
    stop,
  }
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
