import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { WorkspaceDocument } from '@shared/workspace'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

/** What a workspace holds when a test begins: nothing, or the sample that `gatehouse init` makes. */
export type WorkspaceKind = 'empty' | 'sample'

/** Makes a workspace whose servers listen on free ports. */
export async function makeWorkspace(folder: string, kind: WorkspaceKind, env: NodeJS.ProcessEnv): Promise<void> {
  if (kind === 'sample') await run(process.execPath, [join(root, 'out/main/cli.js'), 'init', folder, '--json'], { env })
  else await makeEmpty(folder)
  const file = join(folder, 'gatehouse.json')
  const document = JSON.parse(await readFile(file, 'utf8')) as WorkspaceDocument
  await write(file, { ...document, gatewayPort: 0, authorizationPort: 0 })
}

async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await write(join(folder, 'gatehouse.json'), {
    id: randomUUID(),
    formatVersion: 1,
    name: 'Lab',
    host: '127.0.0.1',
    gatewayPort: 0,
    authorizationPort: 0,
    createdAt: new Date().toISOString(),
  })
}

async function write(file: string, document: WorkspaceDocument): Promise<void> {
  await writeFile(file, `${JSON.stringify(document, null, 2)}\n`)
}
