import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WalkthroughStepId } from '@shared/overview'
import { buildWorker } from '../../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
})
afterEach(async () => {
  await served.close()
  expect(served.faults).toEqual([])
})

const steps: readonly WalkthroughStepId[] = [
  'application',
  'api',
  'resource',
  'policy',
  'deploy',
  'refused',
  'answered',
]

describe('a step of the walk-through, in an empty workspace', () => {
  it.each(steps)('%s is done with everything that it needs', async (step) => {
    await served.now.call('overview.perform', { step })
    const done = (await served.now.call('overview.get', {})).steps.filter((each) => each.done).map(({ id }) => id)
    // An answered call needs no refused one before it.
    expect(done).toEqual(
      steps.slice(0, steps.indexOf(step) + 1).filter((each) => step !== 'answered' || each !== 'refused'),
    )
    expect((await served.now.call('workspace.get', {})).problems).toEqual([])
  })

  it('done twice changes nothing, and all of them end with every tick', async () => {
    for (const step of [...steps, ...steps]) await served.now.call('overview.perform', { step })
    expect((await served.now.call('overview.get', {})).steps.every(({ done }) => done)).toBe(true)
    expect(await served.now.call('apis.list', {})).toMatchObject([{ deployedRevision: 1 }])
    expect(await served.now.call('domains.list', {})).toMatchObject([{ applications: [{}] }])
  })
})

it('says that the client of the resource is gone, and mends it when it is asked to', async () => {
  await served.now.call('overview.perform', { step: 'refused' })
  await served.now.call('overview.perform', { step: 'answered' })
  const [domain] = await served.now.call('domains.list', {})
  const [gone] = domain!.applications
  await served.now.call('applications.delete', { domainId: domain!.id, applicationId: gone!.id })
  const { steps: after } = await served.now.call('overview.get', {})
  const why = 'am-demo in Echo names a client that is gone'
  expect(after.filter(({ done }) => !done)).toMatchObject([
    { id: 'application' },
    { id: 'resource', evidence: why },
    { id: 'deploy', evidence: why },
    { id: 'answered' },
  ])
  // Another client alone mends nothing: the resource names the one that is gone.
  await served.now.call('overview.perform', { step: 'application' })
  expect((await served.now.call('overview.get', {})).steps.find(({ id }) => id === 'resource')?.done).toBe(false)
  await served.now.call('overview.perform', { step: 'answered' })
  expect((await served.now.call('overview.get', {})).steps.every(({ done }) => done)).toBe(true)
  expect(await served.now.call('apis.list', {})).toMatchObject([{ deployedRevision: 2 }])
})

it('an application of the walk-through gets the three members of the quickstart without a scope', async () => {
  await served.now.call('overview.perform', { step: 'application' })
  const [domain] = await served.now.call('domains.list', {})
  const [application] = domain!.applications
  const { exchange } = await served.now.call('console.getToken', {
    domainId: domain!.id,
    applicationId: application!.id,
    scopes: [],
  })
  expect(Object.keys(JSON.parse(exchange.body) as object)).toEqual(['access_token', 'token_type', 'expires_in'])
  expect(application!.scopeSettings).toEqual([
    { scope: 'read', defaultScope: false },
    { scope: 'write', defaultScope: false },
  ])
})
