import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Bytes after which the log starts anew; the one before is kept beside it. */
const LIMIT = 1_000_000

/** Writes what went wrong inside the app to a file that a person can send. Never throws: a full disk must not end the app. */
export type Log = (what: string, error?: unknown) => void

export function openLog(file: string): Log {
  return (what, error) => {
    const cause = error instanceof Error ? (error.stack ?? error.message) : error === undefined ? '' : String(error)
    try {
      mkdirSync(dirname(file), { recursive: true })
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LIMIT) renameSync(file, `${file}.1`)
      appendFileSync(file, `${new Date().toISOString()} ${what}${cause ? `\n${cause}` : ''}\n`, { mode: 0o600 })
    } catch {
      process.stderr.write(`${what}\n`)
    }
  }
}
