import type { ApiState } from '@shared/operations'
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

it('is rotated without a gap: the one before gets tokens until its time is over, and APIs follow at once', async () => {
  const { call } = served.now
  await call('overview.perform', { step: 'refused' })
  await call('overview.perform', { step: 'answered' })
  const [domain] = await call('domains.list', {})
  const [application] = domain!.applications
  const ids = { domainId: domain!.id, applicationId: application!.id }
  const { clientSecret: first } = await call('applications.rotateSecret', ids)
  const statusOf = async (clientSecret: string) => {
    const basic = Buffer.from(`${application!.clientId}:${clientSecret}`).toString('base64')
    const body = new URLSearchParams({ grant_type: 'client_credentials' })
    const address = `${served.now.authorization}/${domain!.path}/oauth/token`
    return (await fetch(address, { method: 'POST', headers: { authorization: `Basic ${basic}` }, body })).status
  }
  const apiAnswers = async () => {
    const { accessToken } = await call('console.getToken', { ...ids, scopes: [] })
    const headers = [{ name: 'Authorization', value: `Bearer ${accessToken}` }]
    return (await call('console.send', { request: { method: 'GET', url: `${served.now.gateway}/echo`, headers } }))
      .status
  }

  const rotated = await call('applications.rotateSecret', { ...ids, overlapSeconds: 3600 })
  expect([await statusOf(first), await statusOf(rotated.clientSecret)]).toEqual([200, 200])
  expect(await apiAnswers()).toBe(200)
  const [kept] = rotated.application.furtherSecrets!
  expect(Date.parse(kept!.expiresAt!) - Date.parse(rotated.application.clientSecretCreatedAt!)).toBeCloseTo(
    3_600_000,
    -4,
  )

  await served.restart()
  expect([await statusOf(first), await statusOf(rotated.clientSecret)]).toEqual([200, 200])
  // Nothing says that an API has a wrong secret while it has the one before.
  await giveApi(first)
  expect((await served.now.call('overview.get', {})).steps.every(({ done }) => done)).toBe(true)

  await served.now.call('applications.makeSecretMain', { ...ids, secretId: kept!.id })
  expect([await statusOf(first), await statusOf(rotated.clientSecret)]).toEqual([200, 200])
  const [other] = served.now.store.domains()[0]!.applications[0]!.furtherSecrets!
  await served.now.call('applications.removeSecret', { ...ids, secretId: other!.id })
  expect([await statusOf(first), await statusOf(rotated.clientSecret)]).toEqual([200, 401])

  await served.now.call('applications.rotateSecret', ids)
  expect(await statusOf(first)).toBe(401)
  expect((await served.now.call('overview.get', {})).steps.find(({ id }) => id === 'resource')).toMatchObject({
    done: false,
    evidence: 'am-demo in Echo has not the secret of orders-service',
  })
})

/** Has the API keep a secret of its own, rather than refer to the application's. */
async function giveApi(clientSecret: string): Promise<void> {
  const { call } = served.now
  const [{ definition, version }] = (await call('apis.list', {})) as [ApiState]
  const resources = definition.resources.map((each) => ({
    ...each,
    configuration: { ...each.configuration, clientSecret },
  }))
  await call('apis.save', { apiId: definition.id, version, definition: { ...definition, resources } })
  await call('apis.deploy', { apiId: definition.id })
}
