import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Domain } from '@shared/domain'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder
beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
})
afterAll(async () => {
  await served.close()
  await worker.remove()
  expect(served.faults).toEqual([])
})

it('leads nobody to an address that only a file allows, and everybody to the others', async () => {
  const { id: domainId } = await served.now.call('domains.create', { name: 'demo' })
  const good = 'https://shop.example/callback'
  const bad = 'http://shop.example/callback'
  const settings = { type: 'web' as const, redirectUris: [good] }
  const { application } = await served.now.call('applications.create', { domainId, name: 'shop', ...settings })
  await served.restart(async () => {
    const file = join(served.folder, 'domains', 'demo.json')
    const domain = JSON.parse(await readFile(file, 'utf8')) as Domain
    domain.applications[0]!.redirectUris = [bad, good]
    await writeFile(file, JSON.stringify(domain))
  })
  expect((await served.now.call('workspace.get', {})).problems).toMatchObject([
    { file: 'domains/demo.json', field: '/applications/0/redirectUris/0' },
  ])
  const statusOf = async (redirectUri: string) => {
    const { clientId } = application
    const query = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri })
    const address = `${served.now.authorization}/demo/oauth/authorize?${query}`
    return (await fetch(address, { redirect: 'manual' })).status
  }
  expect(await statusOf(bad)).toBe(400)
  expect(await statusOf(good)).toBeLessThan(400)
})
