import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWorker } from '../engine/testing/start-engine'
import { createSample } from './sample'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

let worker: Worker
let served: ServedFolder
let ids: { domainId: string; applicationId: string }
beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
  await createSample(served.now.call)
  const [domain] = await served.now.call('domains.list', {})
  ids = { domainId: domain!.id, applicationId: domain!.applications[0]!.id }
})
afterAll(async () => {
  await served.close()
  await worker.remove()
  expect(served.faults).toEqual([])
})

const token = () => served.now.call('console.getToken', { ...ids, scopes: ['read'] })
const statusWith = async (accessToken: string) =>
  (await fetch(`${served.now.gateway}/echo`, { headers: { authorization: `Bearer ${accessToken}` } })).status

describe('a new signing key', () => {
  it.each(['RS256', 'ES256', 'EdDSA', 'HS256'] as const)(
    '%s signs from now on, and what the one before signed is good until that is removed',
    async (algorithm) => {
      const before = await token()
      const changed = await served.now.call('domains.setSigningKey', { domainId: ids.domainId, algorithm })
      const [active, retired] = changed.keys
      expect([active, retired]).toMatchObject([{ algorithm, status: 'active' }, { status: 'retired' }])

      const after = await token()
      expect(after).toMatchObject({ header: { alg: algorithm, kid: active!.kid }, signature: { valid: true } })
      expect(after.signature.sentence).toContain(`Signed with ${algorithm} by key ${active!.kid}`)
      expect([await statusWith(after.accessToken), await statusWith(before.accessToken)]).toEqual([200, 200])

      const removal = { domainId: ids.domainId, keyId: retired!.id }
      await served.now.call('domains.removeKey', removal)
      expect([await statusWith(after.accessToken), await statusWith(before.accessToken)]).toEqual([200, 401])
      expect(served.now.store.secrets.get(`key/${retired!.id}`)).toBeUndefined()
      expect(await served.now.problem('domains.removeKey', { ...removal, keyId: active!.id })).toMatchObject({
        key: 'KEY_ACTIVE',
      })
    },
  )
})
