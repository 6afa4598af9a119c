import type { Fault } from '@shared/problem'

/** A user as a file tells it: what is undefined is not told, and stays as it is. */
export interface ImportRow {
  readonly line: number
  readonly username: string
  /** In the clear, or the hash of `password-hash.ts`. */
  readonly password?: string
  readonly email?: string
  readonly emailVerified?: boolean
  readonly firstName?: string
  readonly lastName?: string
  readonly displayName?: string
  readonly enabled?: boolean
  readonly accountNonLocked?: boolean
  readonly claims: Readonly<Record<string, unknown>>
  /** Names or ids. */
  readonly roles?: readonly string[]
  readonly groups?: readonly string[]
  /** What could not be read of it. */
  readonly faults: readonly RowFault[]
}

export interface RowFault extends Fault {
  /** Name of the column or member; empty for the row as a whole. */
  readonly field: string
}

export interface ReadFile {
  readonly rows: readonly ImportRow[]
  /** Columns or members that are not taken over. */
  readonly ignored: readonly string[]
}

/** A text that says whether something is so; undefined when it says neither. */
export function truthOf(text: string): boolean | undefined {
  if (/^(true|yes|1)$/i.test(text)) return true
  return /^(false|no|0)$/i.test(text) ? false : undefined
}
