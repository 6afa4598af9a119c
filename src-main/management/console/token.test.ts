import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Domain } from '@shared/domain'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { createSample } from '../sample'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  await createSample(served.now.call)
})
afterEach(async () => {
  await served.close()
  expect(served.faults).toEqual([])
})

it('reads the answer whole also when the client id is a word of it, and shows the id nowhere', async () => {
  await served.restart(async () => {
    const file = join(served.folder, 'domains/demo.json')
    const domain = JSON.parse(await readFile(file, 'utf8')) as Domain
    domain.applications[0]!.clientId = 'token'
    await writeFile(file, JSON.stringify(domain))
  })
  const [domain] = await served.now.call('domains.list', {})
  const ids = { domainId: domain!.id, applicationId: domain!.applications[0]!.id }
  const { claims, scope, exchange } = await served.now.call('console.getToken', { ...ids, scopes: ['read'] })
  expect([claims.sub, scope]).toEqual(['token', 'read'])
  expect(exchange.body).not.toContain('token')
})
