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
  const file = join(folder, 'gatehouse.json')
  const document = JSON.parse(await readFile(file, 'utf8')) as WorkspaceDocument
  await write(file, { ...document, gatewayPort: 0, authorizationPort: 0 })
}

async function write(file: string, document: WorkspaceDocument): Promise<void> {
  await writeFile(file, `${JSON.stringify(document, null, 2)}\n`)
}
