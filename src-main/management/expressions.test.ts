import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildWorker } from '../engine/testing/start-engine'
import { createSample } from './sample'
import { serveEmpty } from './served.testing'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
beforeEach(async () => void (workspace = await openTestWorkspace()))
afterEach(() => workspace.close())

describe('expressions.evaluate', () => {
  const sample = {
    method: 'POST',
    path: '/echo/7?q=1',
    headers: [{ name: 'X-Tenant', value: 'blue' }],
    body: '{"a": [1, 2]}',
    response: { status: 201 },
    error: { key: 'KEY', message: 'no', status: 401, parameters: { violations: ['x'] } },
  }

  it.each([
    ["{#request.headers['x-tenant'][0]}", 'text', 'text', 'blue', 'blue'],
    ["{#jsonPath(#request.content, '$.a')}", 'text', 'list', [1, 2], '1,2'],
    ["{#response.status == 201 && #request.params['q'][0] == '1'}", 'condition', 'boolean', true, 'true'],
    ['{#request.pathInfos[1]} of {#api.name}', 'text', 'text', '7 of Echo', '7 of Echo'],
    ['{#request.pathInfos.size()}', 'text', 'number', 2, '2'],
    ['{#request.params}', 'text', 'map', { q: ['1'] }, '{"q":["1"]}'],
    ["{#error.key} {#parameters['violations'][0]}", 'response-template', 'text', 'KEY x', 'KEY x'],
    ["{#request.headers['none'][0]}", 'text', 'nothing', null, ''],
  ] as const)('%s as %s is a %s', async (text, kind, type, value, written) => {
    const { definition } = await workspace.call('apis.create', { name: 'Echo', path: '/echo' })
    expect(await workspace.call('expressions.evaluate', { text, kind, sample, apiId: definition.id })).toEqual({ ok: true, type, value, text: written }) // prettier-ignore
  })

  it('knows the parameters of the paths of the flows that the request would take', async () => {
    const { definition, version } = await workspace.call('apis.create', { name: 'Echo', path: '/echo' })
    const flow = (path: string, methods: 'POST'[] | 'GET'[]) => ({ name: path, enabled: true, selectors: [{ type: 'http' as const, path, pathOperator: 'EQUALS' as const, methods }], request: [], response: [] }) // prettier-ignore
    const flows = [flow('/:order', ['POST']), flow('/:other', ['GET']), flow('/:a/:b', ['POST'])]
    await workspace.call('apis.save', { apiId: definition.id, definition: { ...definition, flows }, version })
    const text = '{#request.pathParams}'
    expect(await workspace.call('expressions.evaluate', { text, sample, apiId: definition.id })).toMatchObject({ text: '{"order":["7"]}' }) // prettier-ignore
  })

  it.each([
    ['{#request.nope}', 'text', 10, 'has no nope'],
    ['true == true', 'condition', 0, 'in braces'],
    ['  {#request.nope}', 'condition', 12, 'has no nope'],
    ['{#error.key}', 'text', 2, 'After #'],
    ['a {#request.content}', 'response-template', 0, 'cannot look at a body'],
  ] as const)('%s as %s is told at its character', async (text, kind, at, reason) => {
    const trial = await workspace.call('expressions.evaluate', { text, kind })
    expect(trial).toMatchObject({ ok: false, at, reason: expect.stringContaining(reason) as string })
  })

  it('says that a record is not there', async () => {
    expect(await workspace.problem('expressions.evaluate', { text: 'x', recordId: 'none' })).toMatchObject({ key: 'RECORDED_REQUEST_NOT_FOUND' }) // prettier-ignore
  })
})

it('a recorded refusal is tried with what its caller was told, not with the reason that stands in the trace', async () => {
  const worker = await buildWorker()
  const served = await serveEmpty(worker)
  try {
    await createSample(served.now.call)
    expect(await (await fetch(`${served.now.gateway}/echo`)).json()).toMatchObject({ message: 'No OAuth authorization header was supplied' }) // prettier-ignore
    await expect.poll(async () => (await served.now.call('traffic.list', {})).length).toBe(1)
    const [record] = await served.now.call('traffic.list', {})
    const trial = { text: '{#error.status} {#error.message}', kind: 'response-template', recordId: record!.id } as const
    expect(await served.now.call('expressions.evaluate', trial)).toMatchObject({ text: '401 No OAuth authorization header was supplied' }) // prettier-ignore
  } finally {
    await served.close()
    await worker.remove()
  }
})
