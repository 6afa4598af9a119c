import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OperationName } from '@shared/operations'
import type { Problem } from '@shared/problem'
import { createWorkspace, openWorkspace, type Store } from '../workspace'
import { createManagement, type Management } from './management'
import { noEngine } from './no-engine'

/** A workspace in a folder of its own, managed without an engine, for tests. */
export interface TestWorkspace {
  readonly folder: string
  readonly keyFolder: string
  readonly store: Store
  readonly management: Management
  readonly call: Management['call']
  /** The problem that an operation answers; fails when it answers none. */
  problem(name: OperationName, input: unknown): Promise<Problem>
  /** What failed by a fault of ours. */
  readonly faults: unknown[]
  close(): Promise<void>
}

/** Makes the folders of a test's workspace; answers how to remove them. */
export async function testFolders(): Promise<{ folder: string; keyFolder: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-management-'))
  return {
    folder: join(root, 'workspace'),
    keyFolder: join(root, 'keys'),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

export async function openTestWorkspace(): Promise<TestWorkspace> {
  const { folder, keyFolder, remove } = await testFolders()
  await createWorkspace(folder, { name: 'Test' })
  const store = await openWorkspace(folder, { keyFolder })
  const faults: unknown[] = []
  const management = createManagement({
    store,
    engine: noEngine(store.document()),
    version: '0.0.0',
    onFault: (_what, error) => faults.push(error),
  })
  await management.start()
  return {
    folder,
    keyFolder,
    store,
    management,
    call: management.call,
    async problem(name, input) {
      const answer = await management.run(name, input)
      if (answer.ok) throw new Error(`${name} succeeded: ${JSON.stringify(answer.value)}`)
      return answer.problem
    },
    faults,
    async close() {
      await management.close()
      await store.close()
      await remove()
    },
  }
}
