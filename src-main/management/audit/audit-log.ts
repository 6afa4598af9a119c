import { join } from 'node:path'
import type { AuditEntry, AuditFilter } from '@shared/audit'
import type { RequestRecord } from '@shared/traffic'
import { STATE_FOLDER } from '../../workspace/layout'
import { auditEntryOf } from './audit-entry'
import { auditFiles, type AuditFiles } from './audit-files'

/** Entries that may wait for the disk; those beyond are left out, and counted, so that memory stays flat under load. */
const MOST_WAITING = 20_000

/** What happened at the domains, kept on disk in `.state/audit/` over a restart. */
export interface AuditLog {
  /** @param domainIdOf the domain at a path; undefined when there is none */
  add(records: readonly RequestRecord[], domainIdOf: (path: string) => string | undefined): void
  /** Writes down what was not a request. */
  note(domainId: string, entry: Omit<AuditEntry, 'seq'>): void
  /**
   * The newest entries that fit, newest first.
   *
   * @param before only entries older than the one with this `seq`
   */
  list(domainId: string, filter: AuditFilter, limit: number, before?: number): Promise<AuditEntry[]>
  clear(domainId: string): Promise<void>
  /** Resolves when everything that was added is written. */
  flushed(): Promise<void>
}

interface Domain {
  readonly files: AuditFiles
  waiting: Omit<AuditEntry, 'seq'>[]
  leftOut: number
  /** Undefined until the files have been looked at. */
  seq: number | undefined
}

export function openAuditLog(workspaceFolder: string, onFault: (what: string, error: unknown) => void): AuditLog {
  const folder = join(workspaceFolder, STATE_FOLDER, 'audit')
  const domains = new Map<string, Domain>()
  let writing: Promise<void> = Promise.resolve()
  let isDue = false

  function domainOf(id: string): Domain {
    let domain = domains.get(id)
    if (!domain) domains.set(id, (domain = { files: auditFiles(folder, id), waiting: [], leftOut: 0, seq: undefined }))
    return domain
  }

  /** Writes what waits, after what is being written; what comes meanwhile is written at once with it. */
  function write(): void {
    if (isDue) return
    isDue = true
    writing = writing.then(async () => {
      isDue = false
      for (const domain of domains.values()) await writeDomain(domain)
    })
  }

  async function writeDomain(domain: Domain): Promise<void> {
    const { waiting, leftOut } = domain
    if (waiting.length === 0) return
    domain.waiting = []
    domain.leftOut = 0
    try {
      let seq = domain.seq ?? (await domain.files.lastSeq())
      const entries = waiting.map((entry): AuditEntry => ({ ...entry, seq: ++seq }))
      const [first] = entries
      if (leftOut > 0 && first) first.sentence += ` (${leftOut} more requests came too fast to be written)`
      await domain.files.append(entries)
      domain.seq = seq
    } catch (error) {
      onFault('The audit log could not be written', error)
    }
  }

  function put(id: string, entry: Omit<AuditEntry, 'seq'>): void {
    const domain = domainOf(id)
    if (domain.waiting.length < MOST_WAITING) domain.waiting.push(entry)
    else domain.leftOut++
    write()
  }

  return {
    add(records, domainIdOf) {
      for (const record of records) {
        const entry = auditEntryOf(record)
        const id = entry && record.domainPath !== undefined ? domainIdOf(record.domainPath) : undefined
        if (!entry || id === undefined) continue
        put(id, entry)
      }
    },
    note: put,
    async list(domainId, filter, limit, before = Infinity) {
      await writing
      const entries = await domainOf(domainId).files.read()
      const found: AuditEntry[] = []
      for (const entry of entries.reverse()) {
        if (found.length === limit) break
        if (entry.seq < before && fits(entry, filter)) found.push(entry)
      }
      return found
    },
    async clear(domainId) {
      const domain = domainOf(domainId)
      domain.waiting = []
      await writing
      await domain.files.remove()
    },
    flushed: async () => writing,
  }
}

function fits(entry: AuditEntry, { events, outcomes, clientId, userId, text = '' }: AuditFilter): boolean {
  if (events && !events.includes(entry.event)) return false
  if (outcomes && !outcomes.includes(entry.outcome)) return false
  if (clientId !== undefined && entry.clientId !== clientId) return false
  if (userId !== undefined && entry.userId !== userId) return false
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const { id, event, clientId: client, grantType, username, sentence, refusal } = entry
  const whole = [id, event, client, grantType, username, sentence, refusal?.key].join(' ').toLowerCase()
  return words.every((word) => whole.includes(word))
}
