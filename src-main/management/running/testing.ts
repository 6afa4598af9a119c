import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GatehouseEvent } from '@shared/events'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { writeDurably } from '../../workspace/files/durable-file'
import { createSample } from '../sample'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

/** For each test the sample, served; and what tests do to its files. To be called once in a file. */
export function withServedSample() {
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
    vi.unstubAllEnvs()
    await served.close()
    expect(served.faults).toEqual([])
  })

  const at = (file: string) => join(served.folder, file)

  /** As editors save: whole, so that nobody reads half of it. */
  async function edit<T>(file: string, change: (document: T) => void): Promise<void> {
    const document = JSON.parse(await readFile(at(file), 'utf8')) as T
    change(document)
    await writeDurably(at(file), JSON.stringify(document, undefined, 2))
  }

  /** Resolves with the next event that tells of an edit from outside. */
  function editSeen(): Promise<GatehouseEvent> {
    return new Promise((resolve) => {
      const stop = served.now.management.onEvent((event) => {
        if (event.type !== 'workspace' || event.source !== 'outside') return
        stop()
        resolve(event)
      })
    })
  }

  async function token(scopes: string[] = []) {
    const [domain] = await served.now.call('domains.list', {})
    const applicationId = domain!.applications[0]!.id
    return served.now.call('console.getToken', { domainId: domain!.id, applicationId, scopes })
  }

  const status = async (path: string, accessToken?: string) => {
    const headers: Record<string, string> = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }
    return (await fetch(`${served.now.gateway}${path}`, { headers })).status
  }

  const problems = async () => (await served.now.call('workspace.get', {})).problems

  return { served: () => served, at, edit, editSeen, token, status, problems }
}
