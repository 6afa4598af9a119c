import { pathToFileURL } from 'node:url'
import { ProblemError, type Problem } from '@shared/problem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle, type Bundle } from '../../engine/testing/bundle'
import { createWorkspace, openWorkspace } from '../../workspace'
import { createManagement } from '../management'
import { noEngine } from '../no-engine'
import { testFolders } from '../testing'
import { createApiReader } from './api-reader'
import { exportV4, petStore } from './examples.testing'

let built: Bundle
let url: URL
beforeAll(async () => {
  built = await bundle('src-main/management/formats/reading-thread.ts')
  url = pathToFileURL(built.file)
})
afterAll(() => built.remove())

const never = new AbortController().signal
/** Half a million empty texts: YAML's parser has something to say of each. */
const quotes = '"'.repeat(1_000_000)

async function problemOf(reading: Promise<unknown>): Promise<Problem> {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ProblemError) return error.problem
  throw new Error('It could be read', { cause: error })
}

test('a thread reads what this one would, and refuses as it would', async () => {
  const [beside, here] = [createApiReader({ url, closing: never }), createApiReader(undefined)]
  const order = { content: JSON.stringify(exportV4), fileName: 'orders.json' }
  expect(await beside(order)).toEqual(await here(order))
  const mocked = await beside({ content: petStore, choices: { mocks: true } })
  expect(mocked.definition?.flows.flatMap(({ request }) => request.map(({ policy }) => policy))).toContain('mock')
  const wrong = { content: 'a: b: c', fileName: 'a.yaml' }
  expect(await problemOf(beside(wrong))).toEqual(await problemOf(here(wrong)))
})

test('a file that takes too long is given up', async () => {
  const reader = createApiReader({ url, closing: never, limitMs: 1000 })
  expect(await problemOf(reader({ content: quotes, fileName: 'quotes.yaml' }))).toMatchObject({
    key: 'API_FILE_UNREADABLE',
    title: 'quotes.yaml: reading it takes more than 1 seconds',
    remedy: expect.stringContaining('convert YAML to JSON'),
  })
})

test('while a file that takes long is read, everything else goes on; closing ends it', async () => {
  const { folder, keyFolder, remove } = await testFolders()
  await createWorkspace(folder, { name: 'Test' })
  const store = await openWorkspace(folder, { keyFolder })
  const management = createManagement({
    store,
    engine: noEngine(store.document()),
    version: '0.0.0',
    readingThreadUrl: url,
  })
  await management.start()
  let isRead = false
  const reading = management.run('apis.importPreview', { content: quotes }).finally(() => (isRead = true))
  for (let call = 0; call < 20; call++) expect(await management.call('apis.list', {})).toEqual([])
  expect(isRead).toBe(false)
  await management.close()
  expect(await reading).toMatchObject({ ok: false, problem: { key: 'API_FILE_UNREADABLE' } })
  await store.close()
  await remove()
})
