import { join } from 'node:path'
import type { AuditEntry, AuditFilter } from '@shared/audit'
import type { Domain } from '@shared/domain'
import type { RequestRecord } from '@shared/traffic'
import { STATE_FOLDER } from '../../workspace/layout'
import { auditEntryOf } from './audit-entry'
import { auditFiles, type AuditFiles } from './audit-files'
import { createFolding, type Folding, type NewEntry } from './folding'

/** Entries that may wait for the disk; those beyond are left out, and counted, so that memory stays flat under load. */
const MOST_WAITING = 20_000

/** What happened at the domains, kept on disk in `.state/audit/` over a restart. */
export interface AuditLog {
  /** @param domainAt the domain at a path; undefined when there is none */
  add(records: readonly RequestRecord[], domainAt: (path: string) => Domain | undefined): void
  /** Writes down what was not a request. */
  note(domainId: string, entry: NewEntry): void
  /** Writes how many were counted in the minutes before a moment, milliseconds since the epoch; to be called again and again. */
  writeCounted(until: number): void
  /**
   * The newest entries that fit, newest first.
   *
   * @param before only entries older than the one with this `seq`
   */
  list(domainId: string, filter: AuditFilter, limit: number, before?: number): Promise<AuditEntry[]>
  clear(domainId: string): Promise<void>
  /** Resolves when everything that was added is written, also what is counted still. */
  flushed(): Promise<void>
}

interface DomainLog {
  readonly proven: AuditFiles
  readonly anonymous: AuditFiles
  readonly folding: Folding
  waiting: NewEntry[]
  leftOut: number
  /** Undefined until the files have been looked at. */
  seq: number | undefined
}

export function openAuditLog(workspaceFolder: string, onFault: (what: string, error: unknown) => void): AuditLog {
  const folder = join(workspaceFolder, STATE_FOLDER, 'audit')
  const domains = new Map<string, DomainLog>()
  let writing: Promise<void> = Promise.resolve()
  let isDue = false

  function domainOf(id: string): DomainLog {
    let domain = domains.get(id)
    if (!domain) {
      const [proven, anonymous] = [auditFiles(folder, id, 'proven'), auditFiles(folder, id, 'anonymous')]
      domain = { proven, anonymous, folding: createFolding(), waiting: [], leftOut: 0, seq: undefined }
      domains.set(id, domain)
    }
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

  async function writeDomain(domain: DomainLog): Promise<void> {
    const { waiting, leftOut } = domain
    if (waiting.length === 0) return
    domain.waiting = []
    domain.leftOut = 0
    try {
      let seq = domain.seq ?? Math.max(await domain.proven.lastSeq(), await domain.anonymous.lastSeq())
      const entries = waiting.map((entry): AuditEntry => ({ ...entry, seq: ++seq }))
      const [first] = entries
      if (leftOut > 0 && first) first.sentence += ` (${leftOut} more requests came too fast to be written)`
      const [anonymous, proven] = [entries.filter((each) => each.anonymous), entries.filter((each) => !each.anonymous)]
      if (proven.length > 0) await domain.proven.append(proven)
      if (anonymous.length > 0) await domain.anonymous.append(anonymous)
      domain.seq = seq
    } catch (error) {
      onFault('The audit log could not be written', error)
    }
  }

  function writeCounted(until: number): void {
    for (const [id, { folding }] of domains) for (const entry of folding.counted(until)) put(id, entry)
  }

  function put(id: string, entry: NewEntry): void {
    const domain = domainOf(id)
    if (domain.waiting.length < MOST_WAITING) domain.waiting.push(entry)
    else domain.leftOut++
    write()
  }

  return {
    add(records, domainAt) {
      for (const record of records) {
        const entry = auditEntryOf(record)
        const domain = entry && record.domainPath !== undefined ? domainAt(record.domainPath) : undefined
        if (!entry || domain === undefined) continue
        const likeness = likenessOf(entry, domain)
        if (likeness === undefined || domainOf(domain.id).folding.take(entry, likeness)) put(domain.id, entry)
      }
    },
    note: put,
    writeCounted,
    async list(domainId, filter, limit, before = Infinity) {
      await writing
      const { proven, anonymous } = domainOf(domainId)
      const entries = [...(await proven.read()), ...(await anonymous.read())]
      const found: AuditEntry[] = []
      for (const entry of entries.sort((one, other) => other.seq - one.seq)) {
        if (found.length === limit) break
        if (entry.seq < before && fits(entry, filter)) found.push(entry)
      }
      return found
    },
    async clear(domainId) {
      const domain = domainOf(domainId)
      domain.waiting = []
      domain.folding.counted(Infinity)
      await writing
      await Promise.all([domain.proven.remove(), domain.anonymous.remove()])
    },
    async flushed() {
      writeCounted(Infinity)
      await writing
    },
  }
}

/**
 * What an entry has in common with those that it is counted with; undefined for one that stands alone: what somebody did who proved to be
 * it is told each time. Names that a stranger makes up are none of it.
 */
function likenessOf({ event, outcome, clientId, userId, refusal, anonymous }: NewEntry, domain: Domain) {
  if (refusal === undefined && anonymous === undefined) return undefined
  const isKnown = domain.applications.some((application) => application.clientId === clientId)
  return [anonymous, event, refusal?.key ?? outcome, isKnown ? clientId : undefined, userId].join(' ')
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
