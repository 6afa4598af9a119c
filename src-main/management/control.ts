import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { OperationAnswer } from '@shared/bridge'
import type { Problem } from '@shared/problem'
import { STATE_FOLDER } from '../workspace/layout'
import { createHttp } from './http/http'
import type { Management } from './management'

/**
 * Where another process of the same person reaches the one that has the workspace open: a socket of the file system, in a
 * folder of mode 0700, with a token. `.state/control.json`, mode 0600. It names its workspace, for a copy of the folder has it too,
 * and is another workspace.
 */
const ControlFile = Type.Object({ workspace: Type.String(), socket: Type.String(), token: Type.String() })
type ControlFile = Static<typeof ControlFile>

const FOLDER_PREFIX = 'gatehouse-'
const SOCKET_NAME = 'control.sock'
const fileOf = (workspaceFolder: string) => join(workspaceFolder, STATE_FOLDER, 'control.json')

/** Offers the operations to `gatehouse deploy` while this process holds the workspace; answers how to stop. */
export async function openControl(workspaceFolder: string, management: Management): Promise<() => Promise<void>> {
  const file = fileOf(workspaceFolder)
  await removeLeftover(workspaceFolder)
  const workspace = await realpath(workspaceFolder)
  const token = randomBytes(32).toString('base64url')
  const app = createHttp(management, token)
  const windows = process.platform === 'win32'
  const folder = windows ? undefined : await mkdtemp(join(tmpdir(), FOLDER_PREFIX))
  const socket = folder === undefined ? `\\\\.\\pipe\\gatehouse-${randomUUID()}` : join(folder, SOCKET_NAME)
  const close = async () => {
    await rm(file, { force: true })
    await app.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    await app.listen({ path: socket })
    await writeFile(file, `${JSON.stringify({ workspace, socket, token } satisfies ControlFile)}\n`, { mode: 0o600 })
  } catch (error) {
    await close()
    throw error
  }
  return close
}

/** Takes away what a killed process left: its control file, and its socket's folder, which is removed only when it is one of ours. */
async function removeLeftover(workspaceFolder: string): Promise<void> {
  const left = await readControl(workspaceFolder)
  if (left !== undefined && basename(left.socket) === SOCKET_NAME) {
    const folder = dirname(left.socket)
    if (basename(folder).startsWith(FOLDER_PREFIX)) {
      await rm(left.socket, { force: true })
      await rmdir(folder).catch(() => undefined) // not empty: then it is not ours alone
    }
  }
  await rm(fileOf(workspaceFolder), { force: true })
}

/** Runs operations in the process that has the workspace open; undefined when none can be reached. */
export async function reachControl(
  workspaceFolder: string,
): Promise<((name: string, input: unknown) => Promise<OperationAnswer>) | undefined> {
  const control = await readControl(workspaceFolder)
  if (!control) return undefined
  const run = (name: string, input: unknown) => post(control, name, input)
  return run('workspace.get', {}).then(
    () => run,
    () => undefined,
  )
}

/** What stands in the file of this very workspace; undefined when there is none, or it is that of the folder that this one is a copy of. */
async function readControl(workspaceFolder: string): Promise<ControlFile | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(fileOf(workspaceFolder), 'utf8'))
    return Value.Check(ControlFile, value) && value.workspace === (await realpath(workspaceFolder)) ? value : undefined
  } catch {
    return undefined
  }
}

function post({ socket, token }: ControlFile, name: string, input: unknown): Promise<OperationAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const call = request({ socketPath: socket, path: `/operations/${name}`, method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        try {
          const value: unknown = JSON.parse(text)
          resolve(response.statusCode === 200 ? { ok: true, value } : { ok: false, problem: value as Problem })
        } catch (error) {
          reject(error instanceof Error ? error : new Error('unreadable answer'))
        }
      })
    })
    call.on('error', reject)
    call.end(JSON.stringify(input))
  })
}
