import { readFileSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

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
  const folder = join(workspaceFolder, '.state')
  const file = join(folder, 'management.json')
  let document = read(file)
  let writing = Promise.resolve()
  return {
    get: () => document,
    update(change) {
      document = { ...document, ...change }
      writing = writing
        .then(() => write(folder, file, document))
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

async function write(folder: string, file: string, document: MemoryDocument): Promise<void> {
  await mkdir(folder, { recursive: true })
  const temporary = `${file}.tmp`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(document, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}
