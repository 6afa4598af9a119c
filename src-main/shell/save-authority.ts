import type { BrowserWindow } from 'electron'
import type { Certificates } from '@shared/certificates'
import { ProblemError } from '@shared/problem'
import { askWhereToSaveAuthority } from './dialogs'
import type { OpenedWorkspace } from './opened-workspace'
import { saveFile } from './save-file'

/** The certificate of the open workspace's authority, PEM. Rejects with ProblemError when there is none. */
export async function authorityOf(opened: OpenedWorkspace | undefined): Promise<string> {
  const answer = await opened?.run('certificates.get', {})
  if (answer?.ok === false) throw new ProblemError(answer.problem)
  const { authority } = (answer?.value ?? {}) as Certificates // what the operation answers
  if (authority !== undefined) return authority.pem
  throw new ProblemError({
    key: 'CERTIFICATE_AUTHORITY_NOT_FOUND',
    status: 404,
    title: 'This workspace has no certificate authority',
    remedy: 'Switch HTTPS on first.',
  })
}

/** Asks where to and writes a copy there; answers where, or nothing when the person thought better of it. */
export async function saveAuthority(window: BrowserWindow, pem: string): Promise<{ file?: string }> {
  const file = await askWhereToSaveAuthority(window)
  if (file === undefined) return {}
  await saveFile(file, pem)
  return { file }
}
