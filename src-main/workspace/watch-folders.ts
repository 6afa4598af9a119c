import { readdirSync, watch, type FSWatcher } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '@shared/error-code'
import { isMissing } from './files/durable-file'
import { createTurns } from './files/turns'
import { isDocumentFolder, isWatchedFile } from './layout'

export interface FoldersTold {
  /** A file of the workspace was made, changed or removed, or may have been. Path within the workspace. */
  onTouched(file: string): void
  /** A folder that is there cannot be watched, or not any longer. */
  onError(error: unknown): void
}

interface Watched {
  readonly watcher: FSWatcher
  /** What was seen in it, to be told of when the whole folder goes. */
  readonly files: Set<string>
}

/**
 * Watches the folders that documents stand in, those that come later too. Each is watched as a whole and before it is read, so
 * that a file which is written meanwhile is seen by the one or the other; and everything that the system tells is passed on, since
 * what is left out here, such as a second write close to the first, is an edit that nobody takes up.
 *
 * Resolves when every folder that is there is watched. What stands in them then is not told. Answers how to stop.
 */
export async function watchFolders(workspace: string, { onTouched, onError }: FoldersTold): Promise<() => void> {
  const folders = new Map<string, Watched>()
  /** Of documents that are links to files elsewhere. */
  const targets = new Map<string, FSWatcher>()
  const turns = createTurns()
  let isStarted = false
  let isStopped = false

  function leave(folder: string): void {
    // One that is not watched has none in it that are.
    if (!folders.has(folder)) return
    for (const [path, { watcher, files }] of folders) {
      if (path !== folder && folder !== '' && !path.startsWith(`${folder}/`)) continue
      watcher.close()
      folders.delete(path)
      for (const file of files) {
        targets.get(file)?.close()
        targets.delete(file)
        onTouched(file)
      }
    }
  }

  async function look(folder: string): Promise<void> {
    leave(folder)
    if (isStopped) return
    const path = join(workspace, folder)
    let watcher: FSWatcher
    try {
      watcher = watch(path, (event, name) => happened(folder, event, name))
    } catch (error) {
      if (!isGone(error)) onError(error)
      return
    }
    const watched = { watcher, files: new Set<string>() }
    folders.set(folder, watched)
    watcher.on('error', (error) => void failed(folder, watched, error))
    try {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        await turns.mayPause()
        if (folders.get(folder) !== watched) return
        const inside = within(folder, entry.name)
        if (isDocumentFolder(inside)) await look(inside)
        else if (isWatchedFile(inside)) {
          saw(inside, watched)
          if (entry.isSymbolicLink()) await followLink(inside)
        }
      }
    } catch (error) {
      if (isGone(error)) leave(folder)
      else onError(error)
    }
  }

  function saw(file: string, { files }: Watched): void {
    files.add(file)
    if (isStarted) onTouched(file)
  }

  function happened(folder: string, event: string, name: string | null): void {
    const watched = folders.get(folder)
    if (watched === undefined) return
    // So many things that the system has lost count.
    if (name === null) return void look(folder)
    const inside = within(folder, name)
    if (isWatchedFile(inside)) {
      saw(inside, watched)
      if (event === 'rename') void followLink(inside)
    } else if (isDocumentFolder(inside) && (event === 'rename' || !folders.has(inside))) void look(inside)
  }

  /** Windows fails the watcher of a folder that is removed. */
  async function failed(folder: string, watched: Watched, error: unknown): Promise<void> {
    const isThere = await lstat(join(workspace, folder)).then(
      () => true,
      () => false,
    )
    if (isStopped || folders.get(folder) !== watched) return
    if (isThere) onError(error)
    else leave(folder)
  }

  /** What is changed through another name is not told where the link stands. */
  async function followLink(file: string): Promise<void> {
    targets.get(file)?.close()
    targets.delete(file)
    try {
      const path = join(workspace, file)
      if (!(await lstat(path)).isSymbolicLink()) return
      const target = await realpath(path)
      if (isStopped || targets.has(file)) return
      const watcher = watch(dirname(target), (_event, name) => {
        if (name === null || name === basename(target)) onTouched(file)
      })
      watcher.on('error', onError)
      targets.set(file, watcher)
    } catch (error) {
      if (!isGone(error)) onError(error)
    }
  }

  await look('')
  isStarted = true
  return () => {
    isStopped = true
    for (const { watcher } of folders.values()) watcher.close()
    for (const watcher of targets.values()) watcher.close()
    folders.clear()
    targets.clear()
  }
}

function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function isGone(error: unknown): boolean {
  return isMissing(error) || codeOf(error) === 'ENOTDIR'
}
