import { codeOf } from '@shared/error-code'
import type { WorkspaceProblem } from '@shared/workspace'
import { watchFolders } from './watch-folders'

/** Milliseconds of quiet after which what changed is told: a checkout touches many files in a burst. */
const QUIET_MS = 60
/** Milliseconds after which it is told even though changes go on. */
const PATIENCE_MS = 1000

export interface WatchTold {
  /** The files that may have changed, once for a burst. */
  onBurst(files: readonly string[]): void
  /** Edits from outside may go unseen from now on; told once. */
  onBlind(problem: WorkspaceProblem): void
}

/** Watches the documents and the sealed secrets of a workspace. Resolves when it does, or cannot; answers how to stop. */
export async function watchWorkspace(folder: string, { onBurst, onBlind }: WatchTold): Promise<() => void> {
  const touched = new Set<string>()
  let quiet: NodeJS.Timeout | undefined
  let first = 0
  let isBlind = false

  const tell = () => {
    quiet = undefined
    const files = [...touched].sort()
    touched.clear()
    onBurst(files)
  }
  const touch = (file: string) => {
    if (touched.size === 0) first = Date.now()
    touched.add(file)
    clearTimeout(quiet)
    quiet = setTimeout(tell, Math.max(0, Math.min(QUIET_MS, first + PATIENCE_MS - Date.now())))
  }

  const stop = await watchFolders(folder, {
    onTouched: touch,
    onError: (error) => {
      // Everything else works on.
      if (!isBlind) onBlind(blind(error))
      isBlind = true
    },
  })
  return () => {
    clearTimeout(quiet)
    stop()
  }
}

function blind(error: unknown): WorkspaceProblem {
  const code = codeOf(error)
  const reasons: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
    ENOSPC: [
      'the system watches as many files as it may already',
      'Raise the limit (sudo sysctl fs.inotify.max_user_watches=524288) or close other programs that watch files',
    ],
    EMFILE: [
      'this program, or the user, has as many files open as it may',
      'Raise the limit (ulimit -n, on Linux also fs.inotify.max_user_instances) or close other programs',
    ],
    EACCES: ['a folder in it may not be read', 'Make its folders readable for you'],
  }
  const [reason, remedy] = (code === undefined ? undefined : reasons[code === 'EPERM' ? 'EACCES' : code]) ?? [
    `the system answered ${code ?? 'with an error'}`,
    'See that the folder is on a disk that can be watched',
  ]
  return {
    file: '.',
    message: `The workspace's folder cannot be watched: ${reason}. Edits made outside of Gatehouse may go unseen`,
    remedy: `${remedy}; then open the workspace again. What you change in Gatehouse is saved as ever.`,
  }
}
