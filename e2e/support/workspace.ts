import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { WorkspaceDocument } from '@shared/workspace'
import { createWorkspace } from '../../src-main/workspace'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

/** What a workspace holds when a test begins: nothing, or the sample that `gatehouse init` makes. */
export type WorkspaceKind = 'empty' | 'sample'

/** Makes a workspace whose servers listen on free ports. */
export async function makeWorkspace(folder: string, kind: WorkspaceKind, env: NodeJS.ProcessEnv): Promise<void> {
  if (kind === 'sample') await run(process.execPath, [join(root, 'out/main/cli.js'), 'init', folder, '--json'], { env })
  else await createWorkspace(folder, { name: 'Lab' })
  await setPorts(folder, { gatewayPort: 0, authorizationPort: 0 })
}

/** Sets ports of a workspace that is not open. */
export async function setPorts(
  folder: string,
  ports: Partial<Pick<WorkspaceDocument, 'gatewayPort' | 'authorizationPort'>>,
): Promise<void> {
  await changeDocument(join(folder, 'gatehouse.json'), (document) => ({ ...document, ...ports }))
}

/** Changes a JSON document as an editor does: reads it and writes it over. */
export async function changeDocument(
  file: string,
  change: (document: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const document = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  await writeFile(file, `${JSON.stringify(change(document), null, 2)}\n`)
}
