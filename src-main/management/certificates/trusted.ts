import type { SecureContext } from 'node:tls'
import type { WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'
import { readAuthorities } from '../../certificates/authority-certificates'
import { trusting } from '../../engine/tls/authorities'
import { DOCUMENT_FILE } from '../../workspace/layout'
import type { Store } from '../../workspace/store'

type Document = Pick<WorkspaceDocument, 'tls'>

/** The further authorities of the document, each one certificate; what another hand has written and is none is left out. */
export function readableAuthorities({ tls }: Document): string[] {
  return (tls?.authorities ?? []).filter((pem) => isOne(readAuthorities(pem)))
}

const isOne = (read: ReturnType<typeof readAuthorities>) => Array.isArray(read) && read.length === 1

/** Who may vouch for the servers that this process calls itself. The same list is the same object. */
export function trustedAuthorities({ document }: Pick<Store, 'document'>): () => SecureContext | undefined {
  let known: string | undefined
  let context: SecureContext | undefined
  return () => {
    const authorities = readableAuthorities(document())
    const text = authorities.join('')
    if (text !== known) context = trusting(authorities)
    known = text
    return context
  }
}

/** What a person has to do about authorities in the document. */
export function authorityProblems({ tls }: Document, now: number): WorkspaceProblem[] {
  return (tls?.authorities ?? []).flatMap((pem, index) => {
    const read = readAuthorities(pem, now)
    if (isOne(read)) return []
    const fault = Array.isArray(read)
      ? { message: 'There are several certificates in one entry', remedy: 'Give each its own entry.' }
      : read
    return { file: DOCUMENT_FILE, field: `/tls/authorities/${index}`, ...fault }
  })
}
