import type { GatehouseEvent } from '@shared/events'
import { idOf, type Entry } from '../documents'
import type { DocumentKind } from '../layout'
import { refuse } from '../problems'

export type WorkspaceEvent = Extract<GatehouseEvent, { type: 'workspace' }>
export type Changed = WorkspaceEvent['changed'][number]

/** A file that changed, as it is told. */
export function changeAt(kind: DocumentKind, id: string | undefined, file: string): Changed {
  return { kind, ...(id === undefined ? {} : { id }), file }
}

export function changeOf<K extends DocumentKind>(entry: Entry<K>): Changed {
  return changeAt(entry.kind, idOf(entry), entry.document.file)
}

/** Changes of a workspace, one after the other, and who is told of them. */
export interface Changes {
  /** Work that sees what the work before has written. Rejects with WORKSPACE_CLOSED after `close`. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  tell(source: WorkspaceEvent['source'], changed: readonly Changed[]): void
  onChange(listener: (event: WorkspaceEvent) => void): () => void
  /** Takes no more work; resolves when what is under way is written. */
  close(): Promise<void>
}

export function createChanges(folder: string): Changes {
  const listeners = new Set<(event: WorkspaceEvent) => void>()
  let isClosed = false
  let last: Promise<unknown> = Promise.resolve()

  return {
    inTurn(work) {
      if (isClosed) {
        return Promise.reject(
          refuse({
            key: 'WORKSPACE_CLOSED',
            status: 409,
            title: `The workspace ${folder} is closed`,
            remedy: 'Open it again.',
          }),
        )
      }
      const turn = last.then(work)
      last = turn.catch(() => undefined)
      return turn
    },
    tell(source, changed) {
      if (changed.length === 0) return
      for (const listener of listeners) listener({ type: 'workspace', source, changed: [...changed] })
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      isClosed = true
      await last
      listeners.clear()
    },
  }
}
