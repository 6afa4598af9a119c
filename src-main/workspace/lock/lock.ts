import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '@shared/error-code'
import { isMissing, namesIn } from '../files/durable-file'
import { LOCK_FILE } from '../layout'
import { refuse } from '../problems'
import { isAlive, ownCommand, startOf } from './process-identity'

/** Who has the workspace open. */
interface Holder {
  readonly pid: number
  readonly host: string
  readonly command: string
  /** ISO 8601: since when the workspace is open. */
  readonly since: string
  /** The process's start as the system tells it; absent where it does not. */
  readonly processStart?: string
  /** Random: tells two locks of one process apart. */
  readonly nonce: string
}

/** How often a lock that vanishes or moves between two looks is looked at again. */
const ATTEMPTS = 50

/**
 * Takes the workspace for this process; answers how to give it back. A lock whose process is gone is taken over.
 * Rejects with ProblemError WORKSPACE_LOCKED naming the holder.
 */
export async function lockWorkspace(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE)
  await mkdir(dirname(path), { recursive: true })
  const processStart = await startOf(process.pid)
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    command: ownCommand(),
    since: new Date().toISOString(),
    ...(processStart === undefined ? {} : { processStart }),
    nonce: randomBytes(8).toString('hex'),
  }
  const text = `${JSON.stringify(own, null, 2)}\n`
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await place(path, text)) {
      await removeLeftovers(path)
      return () => release(path, text)
    }
    const found = await readIfThere(path)
    if (found === undefined) continue
    const holder = parseHolder(found)
    if (holder === undefined || (await holds(holder))) throw locked(folder, holder)
    await removeStale(path, found, text)
  }
  throw locked(folder, undefined)
}

/** Makes the lock file with its whole content at once; false when there is one. */
async function place(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  const file = await open(temporary, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
    await file.close()
    await link(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // File systems without hard links: exclusive creation, whose content follows a moment later.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EINVAL'].includes(codeOf(error) ?? '')) throw error
    return placeWithoutLink(path, text)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function placeWithoutLink(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(text)
    await file.close()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes a stale lock away. Only who holds the takeover file may do so, and looks at the lock once more under it: otherwise a
 * second process could remove the fresh lock of the first that had the same idea.
 */
async function removeStale(path: string, stale: string, text: string): Promise<void> {
  const takeover = `${path}.takeover`
  if (await place(takeover, text)) {
    try {
      if ((await readIfThere(path)) === stale) await rm(path, { force: true })
    } finally {
      await rm(takeover, { force: true })
    }
    return
  }
  // Killed in the middle of taking over.
  const holder = parseHolder((await readIfThere(takeover)) ?? '')
  if (holder !== undefined && !(await holds(holder))) await rm(takeover, { force: true })
  else await pause(10)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Removes what processes that are gone left of their attempts. */
async function removeLeftovers(path: string): Promise<void> {
  for (const name of namesIn(dirname(path))) {
    const pid = /^lock\.json\..*?(\d+)-[0-9a-f]+\.tmp$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(path), name), { force: true })
  }
}

/** Removes the lock when it is still ours. */
async function release(path: string, text: string): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => undefined)
  if (found === text) await rm(path, { force: true })
}

async function holds(holder: Holder): Promise<boolean> {
  // Nobody can tell from here whether a process of another machine still lives.
  if (holder.host !== hostname()) return true
  if (!isAlive(holder.pid)) return false
  if (holder.processStart === undefined) return true
  const start = await startOf(holder.pid)
  return start === undefined || start === holder.processStart
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null
    return typeof value?.pid === 'number' && typeof value.host === 'string' ? (value as Holder) : undefined
  } catch {
    return undefined
  }
}

function locked(folder: string, holder: Holder | undefined) {
  const elsewhere = holder !== undefined && holder.host !== hostname()
  return refuse({
    key: 'WORKSPACE_LOCKED',
    status: 423,
    title: `The workspace ${folder} is open in another process`,
    detail:
      holder === undefined
        ? `${LOCK_FILE} is there, but does not say who holds it.`
        : `Process ${holder.pid} (${holder.command})${elsewhere ? ` on the machine ${holder.host}` : ''} has it open since ${holder.since}.`,
    remedy:
      holder === undefined || elsewhere
        ? `Close it there first. When you are sure that nobody has it open, remove ${LOCK_FILE}.`
        : `Close it there, or end process ${holder.pid}, then open it again.`,
  })
}
