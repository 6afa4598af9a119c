import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '@shared/error-code'

/** Temporary files of a write, beside their target; a kill leaves one behind at most. */
const TEMPORARY = /^\.gatehouse-.+\.tmp$/

/** Whether a file is one of our unfinished writes. */
export function isTemporary(path: string): boolean {
  return TEMPORARY.test(basename(path))
}

/**
 * Replaces or makes a file whole: readers see the old content or the new, also after a power cut (temporary file, fsync,
 * rename, fsync of the directory). Folders on the way are made.
 *
 * @param mode of the new file, e.g. 0o600 for keys
 * @param lastLook taken when only the rename is left, which on a slow disk is much later; what it rejects with is what this does,
 *   and the old file stays
 */
export async function writeDurably(
  path: string,
  content: string | Buffer,
  mode = 0o644,
  lastLook?: () => Promise<void>,
): Promise<void> {
  const folder = dirname(path)
  await makeFolder(folder)
  const temporary = join(folder, `.gatehouse-${basename(path)}-${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await lastLook?.()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Removes a file for good; fine when it is gone already. */
export async function removeDurably(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  await syncFolder(dirname(path))
}

/** The names in a folder, sorted; none when there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** Makes a folder with those above it; their entries are on the disk when it resolves. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no fsync of a directory; NTFS journals renames by itself.
  if (process.platform === 'win32') return
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Some network file systems cannot either; a folder that vanished meanwhile has nothing to sync.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'ENOENT'].includes(codeOf(error) ?? '')) throw error
  }
}
