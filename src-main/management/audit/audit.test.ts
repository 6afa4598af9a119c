import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AuditFilter } from '@shared/audit'
import type { Application, DomainOverview } from '@shared/domain'
import { buildWorker } from '../../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder
let domain: DomainOverview
let shop: { application: Application; clientSecret?: string }
let other: { application: Application; clientSecret?: string }
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  const { call } = served.now
  domain = await call('domains.create', { name: 'Demo', path: 'demo' })
  shop = await call('applications.create', { domainId: domain.id, name: 'Shop' })
  other = await call('applications.create', { domainId: domain.id, name: 'Other' })
  return () => served.close()
})

async function askToken(id: string, secret: string, scope?: string): Promise<string> {
  const response = await fetch(`${served.now.authorization}/demo/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
  })
  return ((await response.json()) as { access_token?: string }).access_token ?? ''
}
const list = (filter: AuditFilter = {}, more: { limit?: number; before?: number } = {}) =>
  served.now.call('audit.list', { domainId: domain.id, filter, ...more })
/** Records come from the engine's thread in batches. */
const recorded = (count: number) => expect.poll(async () => (await list()).length).toBe(count)

describe('the audit log of a domain', () => {
  it('tells each token request and revocation, newest first, with the reason of a refusal in a sentence', async () => {
    const { clientId } = shop.application
    const token = await askToken(clientId, shop.clientSecret!)
    await askToken(clientId, other.clientSecret!)
    await askToken(clientId, shop.clientSecret!, 'admin')
    await fetch(`${served.now.authorization}/demo/oauth/revoke`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${shop.clientSecret}`)}` },
      body: new URLSearchParams({ token }),
    })
    await recorded(4)
    expect((await list()).map(({ seq, event, outcome, sentence }) => [seq, event, outcome, sentence])).toEqual([
      [4, 'revocation', 'succeeded', 'An access token of Shop was revoked'],
      [3, 'token', 'refused', 'Application Shop may not have scope admin; it has none'],
      [2, 'token', 'refused', 'The secret is that of application Other, not of Shop'],
      [1, 'token', 'succeeded', 'A token for Shop, without scopes'],
    ])
  })

  it('finds by event, outcome, client and words, and goes back page by page', async () => {
    const { clientId } = shop.application
    for (let i = 0; i < 3; i++) await askToken(clientId, shop.clientSecret!)
    await askToken('nobody', 'x')
    await recorded(4)
    expect((await list({ outcomes: ['refused'] })).map(({ clientId: id }) => id)).toEqual(['nobody'])
    expect(await list({ clientId, events: ['token'] })).toHaveLength(3)
    expect(await list({ events: ['login'] })).toEqual([])
    expect((await list({ text: 'NOBODY client_unknown' })).map(({ seq }) => seq)).toEqual([4])
    expect((await list({}, { limit: 2 })).map(({ seq }) => seq)).toEqual([4, 3])
    expect((await list({}, { limit: 2, before: 3 })).map(({ seq }) => seq)).toEqual([2, 1])
  })

  it('tells who was refused at introspection and userinfo, and not what was answered there', async () => {
    const { clientId } = shop.application
    const token = await askToken(clientId, shop.clientSecret!)
    const introspect = (secret: string) =>
      fetch(`${served.now.authorization}/demo/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
        body: new URLSearchParams({ token }),
      })
    expect((await introspect(shop.clientSecret!)).status).toBe(200)
    expect((await introspect('guessed-secret')).status).toBe(401)
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${served.now.authorization}/demo/oidc/userinfo`, { headers })).status).toBe(401)
    await recorded(3)
    expect((await list()).map(({ event, outcome, anonymous }) => [event, outcome, anonymous])).toEqual([
      ['userinfo', 'refused', undefined],
      ['introspection', 'refused', true],
      ['token', 'succeeded', undefined],
    ])
    expect(await list({ events: ['introspection'] })).toHaveLength(1)
  })

  it('counts what comes again and again, whatever names a stranger makes up, so that it pushes out nothing', async () => {
    const { clientId } = shop.application
    await askToken(clientId, shop.clientSecret!)
    for (let i = 0; i < 15; i++) await askToken(`nobody-${i}`, 'x')
    for (let i = 0; i < 11; i++) await askToken(clientId, 'guessed-secret')
    await askToken(clientId, shop.clientSecret!)
    await recorded(22)
    // What is counted still is written at the end.
    await served.restart()
    const entries = await list({ outcomes: ['refused'] })
    expect(entries.slice(0, 3).map(({ clientId: id, count }) => [id, count])).toEqual([
      [clientId, undefined],
      ['nobody-14', 5],
      [clientId, undefined],
    ])
    expect(entries).toHaveLength(22)
    expect(await list({ outcomes: ['succeeded'] })).toHaveLength(2)
    const folder = join(served.folder, '.state', 'audit')
    const proven = await readFile(join(folder, `${domain.id}.jsonl`), 'utf8')
    expect(proven.trim().split('\n')).toHaveLength(2)
  })

  it('is there after a restart and goes on counting; no secret and no token stands in it', async () => {
    const { clientId } = shop.application
    const token = await askToken(clientId, shop.clientSecret!)
    await recorded(1)
    await served.restart()
    await askToken(clientId, 'guessed-secret')
    await recorded(2)
    expect((await list()).map(({ seq }) => seq)).toEqual([2, 1])
    const folder = join(served.folder, '.state', 'audit')
    const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))
    expect(files).toHaveLength(2)
    for (const secret of [token, shop.clientSecret!, 'guessed-secret']) expect(files.join()).not.toContain(secret)
  })

  it('is emptied when somebody asks for it, and goes with its domain', async () => {
    await askToken('nobody', 'x')
    await recorded(1)
    await served.now.call('audit.clear', { domainId: domain.id })
    expect(await list()).toEqual([])
    await askToken('nobody', 'x')
    await recorded(1)
    await served.now.call('domains.delete', { domainId: domain.id, confirmName: 'Demo' })
    expect(await readdir(join(served.folder, '.state', 'audit'))).toEqual([])
    expect(await served.now.problem('audit.list', { domainId: domain.id })).toMatchObject({ status: 404 })
  })
})
