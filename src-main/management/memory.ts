import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { writeDurably } from '../workspace/files/durable-file'
import { STATE_FOLDER } from '../workspace/layout'

/** A step of the walk-through that only a call can tick: which API it was, when, and in words. */
export const Happened = Type.Object({ apiId: Type.String(), at: Type.Integer(), evidence: Type.String() })
export type Happened = Static<typeof Happened>

const MemoryDocument = Type.Object({
  refused: Type.Optional(Happened),
  answered: Type.Optional(Happened),
  /** Addresses that the authorization server had on ports that were picked for it, newest last. */
  authorizationAddresses: Type.Array(Type.String()),
})
export type MemoryDocument = Static<typeof MemoryDocument>

/**
 * What management remembers over a restart and nobody edits: `.state/management.json`. Losing it costs a tick in the
 * walk-through, so an unreadable one counts as empty, and a write that fails is told and otherwise ignored.
 */
export interface Memory {
  get(): MemoryDocument
  update(change: Partial<MemoryDocument>): void
  /** Resolves when everything is written. */
  flushed(): Promise<void>
}

export function openMemory(workspaceFolder: string, onFault: (what: string, error: unknown) => void): Memory {
  const file = join(workspaceFolder, STATE_FOLDER, 'management.json')
  let document = read(file)
  let writing = Promise.resolve()
  return {
    get: () => document,
    update(change) {
      document = { ...document, ...change }
      writing = writing
        .then(async () => {
          // The open workspace's lock stands in that folder: gone, the workspace is, and is not to come back as a ruin.
          if (!existsSync(dirname(file))) return
          await writeDurably(file, `${JSON.stringify(document, undefined, 2)}\n`, 0o600)
        })
        .catch((error: unknown) => onFault(`${file} could not be written`, error))
    },
    flushed: () => writing,
  }
}

const empty: MemoryDocument = { authorizationAddresses: [] }

function read(file: string): MemoryDocument {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(MemoryDocument, value) ? value : empty
  } catch {
    return empty
  }
}
