import { randomUUID } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { codeOf } from '@shared/error-code'
import type { WorkspaceDocument } from '@shared/workspace'
import { namesIn, writeDurably } from './files/durable-file'
import { formatJson } from './files/json-text'
import { DOCUMENT_FILE, FORMAT_VERSION, GITIGNORE, schemas } from './layout'
import { refuse } from './problems'

/** Ports of a new workspace, as in Gravitee's quick start: gateway and Access Management's gateway. */
const GATEWAY_PORT = 8082
const AUTHORIZATION_PORT = 8092

/**
 * Makes a workspace in a folder that is missing or empty (a `.git` may be there); it holds nothing but its document, which is
 * written last: until then the folder is no workspace. Rejects with ProblemError FOLDER_NOT_EMPTY or FOLDER_UNUSABLE.
 */
export async function createWorkspace(path: string, { name }: { readonly name: string }): Promise<void> {
  const folder = resolve(path)
  try {
    await makeFolder(folder)
    const found = namesIn(folder).find((each) => each !== '.git')
    if (found !== undefined) {
      throw refuse({
        key: 'FOLDER_NOT_EMPTY',
        status: 409,
        title: `The folder ${folder} is not empty`,
        detail: `It holds ${found}${found === DOCUMENT_FILE ? ', so it is a workspace already' : ''}.`,
        remedy: found === DOCUMENT_FILE ? 'Open it instead.' : 'Choose an empty folder, or the name of a new one.',
      })
    }
    const document: WorkspaceDocument = {
      id: randomUUID(),
      formatVersion: FORMAT_VERSION,
      name,
      host: '127.0.0.1',
      gatewayPort: GATEWAY_PORT,
      authorizationPort: AUTHORIZATION_PORT,
      createdAt: new Date().toISOString(),
    }
    await writeDurably(join(folder, '.gitignore'), GITIGNORE)
    await writeDurably(join(folder, DOCUMENT_FILE), formatJson(document, schemas.workspace))
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    throw refuse({
      key: 'FOLDER_UNUSABLE',
      status: 422,
      title: `A workspace cannot be made in ${folder}`,
      detail: `The system answered ${code}.`,
      remedy: 'Choose a folder that you may write to, on a disk with room.',
    })
  }
}

/** Makes a folder and those above it, one by one: Node's recursive mkdir never ends where the system answers ENOENT, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() === true
  if (await isFolder(folder)) return
  const parent = dirname(folder)
  if (parent !== folder && !(await isFolder(parent))) await makeFolder(parent)
  await mkdir(folder).catch(async (error: unknown) => {
    // Another program was faster.
    if (!(await isFolder(folder))) throw error
  })
}
