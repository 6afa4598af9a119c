import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AuditEntry } from '@shared/audit'

/** Whose entries they are: of those who proved who they are, or of anybody. */
export type AuditSenders = 'proven' | 'anonymous'

/** Bytes of one file. There are two of each kind, so that between so much and twice as much of the newest is kept. */
const FILE_BYTES: Readonly<Record<AuditSenders, number>> = { proven: 8 * 1024 * 1024, anonymous: 2 * 1024 * 1024 }

/**
 * The two files of one domain's log, one JSON object a line: `<domain id>.jsonl`, and `<domain id>.1.jsonl` before it;
 * `<domain id>.anonymous.jsonl` and so on for what anybody may have sent.
 */
export interface AuditFiles {
  /** Adds lines, oldest first. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Everything that is kept, oldest first. A line that was cut short by a power cut is left out. */
  read(): Promise<AuditEntry[]>
  /** Of the newest entry; 0 when there is none. */
  lastSeq(): Promise<number>
  remove(): Promise<void>
}

export function auditFiles(folder: string, domainId: string, senders: AuditSenders): AuditFiles {
  // Ids are ours, but files are written by other hands as well: whatever stands there names no other place.
  const own = /^[\w-]{1,64}$/.test(domainId) ? domainId : hash('sha256', domainId, 'hex')
  const name = senders === 'proven' ? own : `${own}.${senders}`
  const current = join(folder, `${name}.jsonl`)
  const before = join(folder, `${name}.1.jsonl`)

  return {
    async append(entries) {
      // The open workspace's lock stands beside it: gone, the workspace is, and is not to come back as a ruin.
      if (!existsSync(dirname(folder))) return
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await appendFile(current, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 })
      if ((await sizeOf(current)) > FILE_BYTES[senders]) await rename(current, before)
    },
    async read() {
      return [...(await readEntries(before)), ...(await readEntries(current))]
    },
    async lastSeq() {
      return (await readEntries(current)).at(-1)?.seq ?? (await readEntries(before)).at(-1)?.seq ?? 0
    },
    async remove() {
      await Promise.all([current, before].map((file) => rm(file, { force: true })))
    },
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

async function readEntries(file: string): Promise<AuditEntry[]> {
  if (!existsSync(file)) return []
  return (await readFile(file, 'utf8')).split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as AuditEntry] // written by `append` alone
    } catch {
      return []
    }
  })
}
