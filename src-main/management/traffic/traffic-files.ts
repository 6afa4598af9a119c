import { existsSync } from 'node:fs'
import { appendFile, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Compile, type Validator } from 'typebox/compile'
import { isMissing } from '../../workspace/files/durable-file'
import { KeptRecord } from '@shared/traffic'

/** Bytes of one file at most; the files of a limit are at least 16, so that what is dropped is a small part. */
const LARGEST_FILE = 8 * 1024 * 1024
const SMALLEST_FILE = 64 * 1024
const FILES_OF_A_LIMIT = 16

/** `<seq of its first record>.jsonl`, so that names sort as the records do. */
const FILE_NAME = /^(\d{15})\.jsonl$/
const nameOf = (seq: number) => `${String(seq).padStart(15, '0')}.jsonl`

/** Compiled with the first line that is read. */
let validator: Validator | undefined
function isKept(value: unknown): value is KeptRecord {
  validator ??= Compile(KeptRecord) as Validator // its types are of one schema only
  return validator.Check(value)
}

interface File {
  readonly name: string
  readonly firstSeq: number
  bytes: number
}

/** A record as it is written: JSON without a line end, which holds its seq. */
export interface KeptLine {
  readonly seq: number
  readonly line: string
}

export interface ReadOptions {
  /** Only records older than the one with this seq. */
  readonly before?: number
  /** Texts that a line must hold to be looked at; a line is as JSON.stringify writes it. */
  readonly holding?: readonly string[]
  /** As `holding`, of a line in small letters. */
  readonly holdingWords?: readonly string[]
  /** Only files that were written to then or later, milliseconds since the epoch. */
  readonly writtenSince?: number
}

/** The files of the kept requests, one JSON object a line. They are read while they are written, and written by one caller at a time. */
export interface TrafficFiles {
  /** Looks at what is there. Answers the seq of the newest record; 0 when there is none. */
  open(): Promise<number>
  /** Adds records, oldest first, and drops the oldest files while there is more than the limit. */
  append(records: readonly KeptLine[], limitBytes: number): Promise<void>
  /** Drops the oldest files while there is more than the limit. */
  trim(limitBytes: number): Promise<void>
  /** File by file, newest first; the records of a file oldest first. A line that was cut short by a kill is left out. */
  read(options?: ReadOptions): AsyncGenerator<KeptRecord[]>
  /** When the oldest request came, milliseconds since the epoch; undefined when none is kept or its line cannot be read. */
  oldestAt(): Promise<number | undefined>
  remove(): Promise<void>
  bytes(): number
}

export function trafficFiles(folder: string): TrafficFiles {
  let files: File[] = []
  /** The last line has no end: the next one must not become part of it. */
  let isTorn = false
  const pathOf = ({ name }: File) => join(folder, name)
  const total = () => files.reduce((sum, { bytes }) => sum + bytes, 0)

  async function trim(limitBytes: number): Promise<void> {
    while (total() > limitBytes && files.length > 1) {
      const [oldest] = files
      if (oldest === undefined) return
      await rm(pathOf(oldest), { force: true })
      files = files.slice(1)
    }
  }

  /** Adds lines to the newest file. */
  async function write(lines: readonly string[], bytes: number): Promise<void> {
    const file = files.at(-1)
    if (file === undefined || lines.length === 0) return
    const end = isTorn ? '\n' : ''
    // Until it is known to be whole: a disk that is full may take a part of it.
    isTorn = true
    await appendFile(pathOf(file), end + lines.join(''), { mode: 0o600 })
    isTorn = false
    file.bytes += end.length + bytes
  }

  async function* read(options: ReadOptions = {}): AsyncGenerator<KeptRecord[]> {
    const { before = Infinity, writtenSince } = options
    for (const file of files.filter(({ firstSeq }) => firstSeq < before).reverse()) {
      const path = pathOf(file)
      if (writtenSince !== undefined && (await writtenAt(path)) < writtenSince) return
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        // Dropped since, or taken away by other hands.
        if (isMissing(error)) return ''
        throw error
      })
      yield recordsOf(text, options).filter(({ seq }) => seq < before)
    }
  }

  return {
    async open() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      const found = await Promise.all(
        names.sort().flatMap((name) => {
          const [, first] = FILE_NAME.exec(name) ?? []
          if (first === undefined) return []
          return [stat(join(folder, name)).then(({ size }): File => ({ name, firstSeq: Number(first), bytes: size }))]
        }),
      )
      files = found
      const newest = files.at(-1)
      isTorn = newest !== undefined && newest.bytes > 0 && (await lastByte(pathOf(newest), newest.bytes)) !== '\n'
      for await (const records of read()) {
        const last = records.at(-1)
        if (last) return last.seq
      }
      // A file whose lines cannot be read keeps its place among the others.
      return newest?.firstSeq ?? 0
    },
    async append(records, limitBytes) {
      // The open workspace's lock stands beside it: gone, the workspace is, and is not to come back as a ruin.
      if (records.length === 0 || !existsSync(dirname(folder))) return
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const largest = Math.min(LARGEST_FILE, Math.max(SMALLEST_FILE, limitBytes / FILES_OF_A_LIMIT))
      let lines: string[] = []
      let bytes = 0
      for (const { seq, line } of records) {
        if ((files.at(-1)?.bytes ?? Infinity) + bytes >= largest) {
          await write(lines, bytes)
          await trim(limitBytes)
          files = [...files, { name: nameOf(seq), firstSeq: seq, bytes: 0 }]
          isTorn = false
          lines = []
          bytes = 0
        }
        lines.push(`${line}\n`)
        bytes += Buffer.byteLength(line) + 1
      }
      await write(lines, bytes)
      await trim(limitBytes)
    },
    trim,
    read,
    async oldestAt() {
      const [oldest] = files
      const start = oldest === undefined ? '' : await startOf(pathOf(oldest))
      const at = /^[^\n]*?"at":(\d+)/.exec(start)?.[1]
      return at === undefined ? undefined : Number(at)
    },
    async remove() {
      files = []
      isTorn = false
      await rm(folder, { recursive: true, force: true })
    },
    bytes: total,
  }
}

function recordsOf(text: string, { holding = [], holdingWords = [] }: ReadOptions): KeptRecord[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || !holding.every((each) => line.includes(each))) return []
    if (holdingWords.length > 0) {
      const small = line.toLowerCase()
      if (!holdingWords.every((word) => small.includes(word))) return []
    }
    try {
      const value: unknown = JSON.parse(line)
      return isKept(value) ? [value] : []
    } catch {
      return []
    }
  })
}

/** Enough of a file to hold the first members of its first record. */
async function startOf(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  try {
    const read = await file?.read(Buffer.alloc(4096), 0, 4096, 0)
    return read?.buffer.toString('utf8', 0, read.bytesRead) ?? ''
  } finally {
    await file?.close()
  }
}

async function lastByte(path: string, bytes: number): Promise<string> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, bytes - 1)
    return buffer.toString('latin1')
  } finally {
    await file.close()
  }
}

/** 0 when it is not there any more. */
async function writtenAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}
