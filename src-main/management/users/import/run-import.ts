import { availableParallelism } from 'node:os'
import type { ImportProgress, ImportResult } from '@shared/user-import'
import { ProblemError } from '@shared/problem'
import type { OperationInput } from '@shared/operations'
import type { Context } from '../../context'
import { saveDomain } from '../../domains'
import { domainOf } from '../../lookup'
import { conflict } from '../../problems'
import { endTokens } from '../end-tokens'
import { hashPassword } from '../password'
import { userSecretId } from '../user-details'
import { importTerms, planImport, type ImportPlan, type PlannedPassword } from './plan-import'
import { readFile } from './read-file'
import type { ImportRow } from './row'

/** Imports of users, one at a time for each domain. */
export interface Imports {
  run(input: OperationInput<'users.import'>): Promise<ImportResult>
  /** Of the one under way, or of the last one since the start. */
  progress(domainId: string): ImportProgress | undefined
  /** Nothing when none is under way. */
  cancel(domainId: string): void
}

/**
 * How many passwords are hashed at once: a core stays for whoever works meanwhile, and of the four threads of Node's pool at least
 * one for files and logins.
 */
export const HASHED_AT_ONCE = Math.max(1, Math.min(3, availableParallelism() - 1))
/** Milliseconds between two tellings of the progress. */
const TOLD_EVERY_MS = 200

/**
 * Passwords are hashed first, for minutes where there are thousands, while everything else goes on; then everything is saved at once.
 * So an import is there whole or not at all, whether it is cancelled, refused, or the app ends in the middle of it.
 */
export function createImports(context: Context): Imports {
  const { store, exclusive, emit, closing } = context
  const progresses = new Map<string, ImportProgress>()
  const underWay = new Map<string, AbortController>()

  function tell(progress: ImportProgress): void {
    progresses.set(progress.domainId, progress)
    emit({ type: 'user-import', progress })
  }

  async function work(
    { domainId, onRefused, createMissing = false }: OperationInput<'users.import'>,
    rows: readonly ImportRow[],
    signal: AbortSignal,
  ): Promise<ImportResult> {
    const plan = () => {
      const planned = planImport(domainOf(store, domainId), rows, importTerms(store.secrets, createMissing))
      if (onRefused === 'stop' && planned.refusedRows > 0) throw refused(planned)
      return planned
    }
    const hashes = await hashAll(plan().passwords, signal, (hashed, passwordsToHash) =>
      tell({ domainId, state: 'hashing', hashed, passwordsToHash }),
    )
    return exclusive(async () => {
      signal.throwIfAborted()
      const passwordsToHash = hashes.size
      tell({ domainId, state: 'saving', hashed: passwordsToHash, passwordsToHash })
      // The domain may have changed while the passwords were hashed: what counts is how it is now.
      const planned = plan()
      const known = new Set(domainOf(store, domainId).users?.map(({ id }) => id))
      await saveDomain(context, planned.domain, secretsOf(planned.passwords, hashes))
      const changedPasswords = planned.passwords.flatMap(({ userId }) => (known.has(userId) ? [userId] : []))
      const revoked = await endTokens(context, domainId, changedPasswords, 'An import changed passwords')
      const { created, changed, unchanged, refusedRows } = planned
      const [createdRoles, createdGroups] = createMissing ? [planned.missingRoles, planned.missingGroups] : [[], []]
      return {
        ...{ created, changed, unchanged, refusedRows },
        createdRoles: [...createdRoles],
        createdGroups: [...createdGroups],
        ...(revoked === undefined ? {} : { revoked }),
      }
    })
  }

  return {
    async run(input) {
      const { domainId } = input
      domainOf(store, domainId)
      if (underWay.has(domainId)) throw alreadyRunning()
      const { rows } = readFile(input)
      const cancelling = new AbortController()
      underWay.set(domainId, cancelling)
      try {
        const result = await work(input, rows, AbortSignal.any([cancelling.signal, closing]))
        const { passwordsToHash = 0 } = progresses.get(domainId) ?? {}
        tell({ domainId, state: 'done', hashed: passwordsToHash, passwordsToHash, result })
        return result
      } catch (error) {
        const { hashed = 0, passwordsToHash = 0 } = progresses.get(domainId) ?? {}
        const isCancelled = cancelling.signal.aborted || closing.aborted
        const problem = isCancelled ? cancelled.problem : error instanceof ProblemError ? error.problem : undefined
        tell({
          ...{ domainId, hashed, passwordsToHash },
          state: isCancelled ? 'cancelled' : 'failed',
          ...(problem === undefined ? {} : { problem }),
        })
        throw isCancelled ? cancelled : error
      } finally {
        underWay.delete(domainId)
      }
    },
    progress: (domainId) => progresses.get(domainId),
    cancel: (domainId) => underWay.get(domainId)?.abort(),
  }
}

/** Hashes what is not a hash yet, some at once; by the line of each. Rejects as soon as the signal aborts. */
async function hashAll(
  passwords: readonly PlannedPassword[],
  signal: AbortSignal,
  onProgress: (hashed: number, toHash: number) => void,
): Promise<ReadonlyMap<number, string>> {
  const waiting = passwords.flatMap(({ line, given }) => ('text' in given ? [{ line, text: given.text }] : []))
  const toHash = waiting.length
  const hashes = new Map<number, string>()
  let toldAt = -Infinity
  const tell = () => {
    const now = performance.now()
    if (now - toldAt < TOLD_EVERY_MS) return
    toldAt = now
    onProgress(hashes.size, toHash)
  }
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      signal.throwIfAborted()
      hashes.set(next.line, await hashPassword(next.text))
      tell()
    }
  }
  tell()
  await Promise.all(Array.from({ length: HASHED_AT_ONCE }, lane))
  signal.throwIfAborted()
  return hashes
}

function secretsOf(passwords: readonly PlannedPassword[], hashes: ReadonlyMap<number, string>): Record<string, string> {
  return Object.fromEntries(
    passwords.map(({ line, userId, given }) => {
      const hash = 'hash' in given ? given.hash : hashes.get(line)
      if (hash === undefined) throw changedMeanwhile()
      return [userSecretId(userId), hash]
    }),
  )
}

/** Reasons of a refused import that are told one by one. */
const MOST_TOLD = 50

function refused({ refused, refusedRows }: ImportPlan): ProblemError {
  const rows = refusedRows === 1 ? '1 row is' : `${refusedRows} rows are`
  return conflict(
    'IMPORT_REFUSED',
    `Nothing was imported, because ${rows} not right`,
    'Correct the file, or have the import skip what is not right.',
    {
      errors: refused.slice(0, MOST_TOLD).map(({ line, field, message, remedy }) => ({
        field: '/content',
        message: `Line ${line}${field === '' ? '' : `, ${field}`}: ${message}`,
        remedy,
      })),
    },
  )
}

const cancelled = conflict(
  'IMPORT_CANCELLED',
  'The import was cancelled, and nothing of it was saved',
  'Import the file again when you want to.',
)

function changedMeanwhile(): ProblemError {
  return conflict(
    'IMPORT_OVERTAKEN',
    'The domain was changed while the passwords were hashed, so that other rows are right now; nothing was imported',
    'Look at the preview again and import once more.',
  )
}

function alreadyRunning(): ProblemError {
  return conflict(
    'IMPORT_RUNNING',
    'Another import into this domain is under way',
    'Wait until it is done, or cancel it.',
  )
}
