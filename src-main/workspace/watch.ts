import { relative, sep } from 'node:path'
import { watch as watchFolder } from 'chokidar'
import { isTemporary } from './files/durable-file'
import { kindOf, SECRETS_FILE } from './layout'

/** Milliseconds of quiet after which what changed is told: a checkout touches many files in a burst. */
const QUIET_MS = 60
/** Milliseconds after which it is told even though changes go on. */
const PATIENCE_MS = 1000

/**
 * Watches the documents and the sealed secrets of a workspace. Resolves when it does; answers how to stop.
 *
 * @param onBurst told the files that may have changed, once for a burst
 */
export async function watchWorkspace(
  folder: string,
  onBurst: (files: readonly string[]) => void,
): Promise<() => Promise<void>> {
  const touched = new Set<string>()
  let quiet: NodeJS.Timeout | undefined
  let first = 0

  const tell = () => {
    quiet = undefined
    const files = [...touched].sort()
    touched.clear()
    onBurst(files)
  }
  const touch = (path: string) => {
    const file = relative(folder, path).split(sep).join('/')
    if (kindOf(file) === undefined && file !== SECRETS_FILE) return
    if (touched.size === 0) first = Date.now()
    touched.add(file)
    clearTimeout(quiet)
    quiet = setTimeout(tell, Math.max(0, Math.min(QUIET_MS, first + PATIENCE_MS - Date.now())))
  }

  const watcher = watchFolder(folder, {
    ignoreInitial: true,
    depth: 3,
    ignored: (path) => {
      const inside = relative(folder, path)
      return inside !== '' && (isTemporary(path) || inside.split(sep).some((part) => part.startsWith('.')))
    },
  })
  watcher.on('add', touch).on('change', touch).on('unlink', touch)
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve)
    // Too many watched files, or a file system that cannot be watched: everything works, but outside edits wait for the next start.
    watcher.on('error', () => resolve())
  })
  return async () => {
    clearTimeout(quiet)
    await watcher.close()
  }
}
