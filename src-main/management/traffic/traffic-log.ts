import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { codeOf } from '@shared/error-code'
import type { LiveCounts } from '@shared/overview'
import type { KeptRecord, RequestRecord } from '@shared/traffic'
import { matchesTraffic, wordsOf, type TrafficFilter } from '@shared/traffic-filter'
import type { TrafficSeries, TrafficSpan } from '@shared/traffic-series'
import type { WorkspaceProblem } from '@shared/workspace'
import { STATE_FOLDER } from '../../workspace/layout'
import { createLastMinute } from './live-counts'
import { createFilteredSeries, type SeriesFilter } from './filtered-series'
import { createSeries, LONGEST_SPAN_MS } from './series'
import { trafficFiles, type KeptLine, type ReadOptions } from './traffic-files'
import { withoutBodies } from './without-bodies'

/** How many of the newest records are in memory. */
const IN_MEMORY = 2000
/** Records that may wait for the disk; those beyond are left out and counted, so that memory stays flat under load. */
const MOST_WAITING = 20_000
/** Records that are read for the charts when the workspace is opened, so that a large limit does not keep it busy. */
const MOST_RESTORED = 250_000
const BYTES_OF_MEGABYTE = 1024 * 1024

/** The requests of both servers: the last minute in numbers, the newest in memory, and those before on disk in `.state/traffic/`. */
export interface Traffic {
  /** Looks at what was kept before; never rejects. What the charts need of it is read afterwards. */
  open(): Promise<void>
  /** What is added from now on is kept, or not, and within how much. */
  configure(settings: { readonly recording: boolean; readonly limitMegabytes: number }): void
  /**
   * Answers the records, with their seq where they are kept: given them here, since under load a copy of each would cost more than
   * all else that is done to it.
   *
   * @param lines each record as JSON, where it is there already: so it is written
   */
  add(records: readonly RequestRecord[], lines?: readonly string[]): readonly RequestRecord[]
  /** Newest first, of those in memory. */
  newest(limit: number): KeptRecord[]
  find(matches: (record: KeptRecord) => boolean): KeptRecord | undefined
  /**
   * The newest that fit, newest first.
   *
   * @param before only those older than the one with this seq
   */
  list(filter: TrafficFilter, limit: number, before?: number): Promise<KeptRecord[]>
  /** The newest with this transaction id. */
  get(id: string, server?: RequestRecord['server']): Promise<KeptRecord | undefined>
  /** Of a server, an API or a domain as they were counted; by any other filter of those that are kept. */
  series(span: TrafficSpan, filter: SeriesFilter): Promise<TrafficSeries>
  live(): LiveCounts
  clear(): Promise<void>
  kept(): { readonly bytes: number; readonly leftOut: number }
  /** Why nothing can be written, or read. */
  problems(): readonly WorkspaceProblem[]
  /** Resolves when everything that was added is written. */
  close(): Promise<void>
}

export interface TrafficOptions {
  readonly workspaceFolder: string
  /** Called when `problems` answers something else than before. */
  readonly onProblems: () => void
}

export function createTraffic({ workspaceFolder, onProblems }: TrafficOptions): Traffic {
  const files = trafficFiles(join(workspaceFolder, STATE_FOLDER, 'traffic'))
  const lastMinute = createLastMinute()
  const series = createSeries()
  const filtered = createFilteredSeries(keptForCharts)
  let records: KeptRecord[] = []
  let seq = 0
  let recording = true
  let limitBytes = Infinity
  let waiting: KeptLine[] = []
  let leftOut = 0
  let writing: Promise<void> = Promise.resolve()
  let isDue = false
  let problem: WorkspaceProblem | undefined
  /** Changes when what was kept is forgotten. */
  let generation = 0
  let isClosed = false
  let restoring: Promise<void> = Promise.resolve()

  function tell(found: WorkspaceProblem | undefined): void {
    const isNew = found?.message !== problem?.message
    problem = found
    if (isNew) onProblems()
  }

  /** Does the work after what is being written. A disk that fails is told, and nothing else stops. */
  function inTurn(what: string, work: () => Promise<void>): Promise<void> {
    writing = writing.then(work).then(
      () => tell(undefined),
      (error: unknown) => tell(diskProblem(what, error)),
    )
    return writing
  }

  /** Writes what waits, after what is being written; what comes meanwhile is written at once with it. */
  function write(): void {
    if (isDue) return
    isDue = true
    const own = generation
    void inTurn('written', async () => {
      if (own !== generation) return
      isDue = false
      const batch = waiting
      waiting = []
      await files.append(batch, limitBytes)
    })
  }

  /** The charts of before: of the newest that are kept, and not of those that have come since. */
  async function restore(until: number): Promise<void> {
    const own = generation
    const since = Date.now() - LONGEST_SPAN_MS
    const options: ReadOptions = { before: until + 1, writtenSince: since }
    let restored = 0
    for await (const before of files.read(options)) {
      if (isClosed || own !== generation || restored >= MOST_RESTORED) return
      for (const record of before) if (record.at >= since) series.add(record)
      restored += before.length
      await setImmediate()
    }
  }

  /** What is kept of the time that charts show, without what comes from now on. */
  async function* keptForCharts(filter: SeriesFilter): AsyncGenerator<readonly KeptRecord[]> {
    const since = Date.now() - LONGEST_SPAN_MS
    const inMemory = records
    const until = seq
    await writing
    yield inMemory
    const oldest = inMemory[0]?.seq ?? until + 1
    if ((inMemory[0]?.at ?? Infinity) < since) return
    let found = 0
    for await (const before of files.read(readingFor({ ...filter, from: since }, oldest))) {
      yield before
      found += before.length
      if (isClosed || found >= MOST_RESTORED) return
      await setImmediate()
    }
  }

  return {
    async open() {
      try {
        seq = await files.open()
        for await (const before of files.read()) {
          records = [...before, ...records].slice(-IN_MEMORY)
          if (records.length >= IN_MEMORY) break
        }
      } catch (error) {
        tell(diskProblem('read', error))
      }
      restoring = restore(seq).catch((error: unknown) => tell(diskProblem('read', error)))
    },
    configure(settings) {
      recording = settings.recording
      const bytes = settings.limitMegabytes * BYTES_OF_MEGABYTE
      const isLess = bytes < limitBytes
      limitBytes = bytes
      if (isLess) void inTurn('dropped', () => files.trim(limitBytes))
    },
    add(more, lines) {
      for (const record of more) lastMinute.add(record)
      if (!recording) return more
      const kept = more.map((record): KeptRecord => Object.assign(record, { seq: ++seq }))
      for (const record of kept) series.add(record)
      filtered.add(kept)
      records = [...records, ...kept].slice(-IN_MEMORY)
      const room = Math.max(0, MOST_WAITING - waiting.length)
      leftOut += Math.max(0, kept.length - room)
      for (const [index, record] of kept.slice(0, room).entries())
        waiting.push({ seq: record.seq, line: lineOf(record, lines?.[index]) })
      write()
      return kept
    },
    newest: (limit) => records.slice(-limit).reverse(),
    find: (matches) => records.findLast(matches),
    async list(filter, limit, before = Infinity) {
      const found: KeptRecord[] = []
      const take = (some: readonly KeptRecord[]) => {
        for (const record of some.toReversed())
          if (found.length < limit && record.seq < before && matchesTraffic(record, filter)) found.push(record)
      }
      await writing
      const inMemory = records
      take(inMemory)
      if (found.length === limit) return found
      const oldest = Math.min(before, inMemory[0]?.seq ?? Infinity)
      try {
        for await (const some of files.read(readingFor(filter, oldest))) {
          take(some)
          if (found.length === limit) break
          await setImmediate()
        }
      } catch (error) {
        tell(diskProblem('read', error))
      }
      return found
    },
    async get(id, server) {
      const isIt = (record: KeptRecord) => record.id === id && (server === undefined || record.server === server)
      const here = records.findLast(isIt)
      if (here) return here
      await writing
      try {
        for await (const some of files.read({ holding: [member('id', id)] })) {
          const found = some.findLast(isIt)
          if (found) return found
          await setImmediate()
        }
      } catch (error) {
        tell(diskProblem('read', error))
      }
      return undefined
    },
    async series(span, filter) {
      const { server: _server, apiId: _apiId, domainPath: _domainPath, ...others } = filter
      if (Object.keys(others).length === 0) return series.read(span, filter, Date.now())
      try {
        const counted = await filtered.read(span, filter)
        const keptSince = (await files.oldestAt()) ?? records[0]?.at
        return keptSince === undefined ? counted : { ...counted, keptSince }
      } catch (error) {
        tell(diskProblem('read', error))
        return { ...createSeries().read(span, {}, Date.now()), keptSince: Date.now() }
      }
    },
    live: () => lastMinute.read(),
    async clear() {
      generation++
      records = []
      waiting = []
      isDue = false
      leftOut = 0
      lastMinute.clear()
      series.clear()
      filtered.clear()
      await inTurn('removed', () => files.remove())
    },
    kept: () => ({ bytes: files.bytes(), leftOut }),
    problems: () => (problem ? [problem] : []),
    async close() {
      isClosed = true
      await Promise.all([restoring, writing])
    },
  }
}

/** The record as a line of a file. @param json the record without its seq, where it is there already */
function lineOf(record: KeptRecord, json: string | undefined): string {
  const told = withoutBodies(record)
  return json === undefined || told !== record ? JSON.stringify(told) : `{"seq":${record.seq},${json.slice(1)}`
}

/** How a text member stands in a line. */
const member = (name: string, value: string) => `${JSON.stringify(name)}:${JSON.stringify(value)}`

/** Which lines can match the filter at all; told by what every line that matches holds, so that the others need no parsing. */
function readingFor(filter: TrafficFilter, before: number): ReadOptions {
  const { server, apiId, domainPath, clientId, outcomes = [], methods = [], from } = filter
  const [outcome, method] = [outcomes, methods].map(([only, ...others]) => (others.length === 0 ? only : undefined))
  const members = Object.entries({ server, apiId, domainPath, clientId, outcome, method })
  return {
    before,
    holding: members.flatMap(([name, value]) => (value === undefined ? [] : [member(name, value)])),
    // Within a line these are written otherwise.
    holdingWords: wordsOf(filter).filter((word) => !/["\\\u0000-\u001f]/.test(word)),
    ...(from === undefined ? {} : { writtenSince: from }),
  }
}

function diskProblem(what: string, error: unknown): WorkspaceProblem {
  const file = `${STATE_FOLDER}/traffic`
  return {
    file,
    message: `The recorded requests could not be ${what} (${codeOf(error) ?? 'unexpected'}). The servers go on, and the newest requests are listed`,
    remedy: `See that the disk has room and that ${file} in the workspace's folder can be read and written; it is tried again with the next request.`,
  }
}
