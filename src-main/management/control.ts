import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { OperationAnswer } from '@shared/bridge'
import type { Problem } from '@shared/problem'
import { createHttp } from './http/http'
import type { Management } from './management'

/**
 * Where another process of the same person reaches the one that has the workspace open: a socket of the file system, in a
 * folder of mode 0700, with a token. `.state/control.json`, mode 0600.
 */
const ControlFile = Type.Object({ socket: Type.String(), token: Type.String() })
type ControlFile = Static<typeof ControlFile>

const fileOf = (workspaceFolder: string) => join(workspaceFolder, '.state', 'control.json')

/** Offers the operations to `gatehouse deploy` while this process holds the workspace; answers how to stop. */
export async function openControl(workspaceFolder: string, management: Management): Promise<() => Promise<void>> {
  const token = randomBytes(32).toString('base64url')
  const app = createHttp(management, token)
  const windows = process.platform === 'win32'
  const folder = windows ? undefined : await mkdtemp(join(tmpdir(), 'gatehouse-'))
  const socket = folder === undefined ? `\\\\.\\pipe\\gatehouse-${randomUUID()}` : join(folder, 'control.sock')
  await app.listen({ path: socket })
  const file = fileOf(workspaceFolder)
  await rm(file, { force: true }) // left by a killed process, maybe with another mode
  await writeFile(file, `${JSON.stringify({ socket, token } satisfies ControlFile)}\n`, { mode: 0o600 })
  return async () => {
    await rm(file, { force: true })
    await app.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** Runs operations in the process that has the workspace open; undefined when none can be reached. */
export async function reachControl(
  workspaceFolder: string,
): Promise<((name: string, input: unknown) => Promise<OperationAnswer>) | undefined> {
  const text = await readFile(fileOf(workspaceFolder), 'utf8').catch(() => undefined)
  const control = text === undefined ? undefined : parse(text)
  if (!control) return undefined
  const run = (name: string, input: unknown) => post(control, name, input)
  return run('workspace.get', {}).then(
    () => run,
    () => undefined,
  )
}

function parse(text: string): ControlFile | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(ControlFile, value) ? value : undefined
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
