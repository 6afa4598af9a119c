import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
    ["{#request.headers['x-tenant'][0]}", 'text', 'blue', 'blue'],
    ["{#jsonPath(#request.content, '$.a')}", 'text', [1, 2], '1,2'],
    ["{#response.status == 201 && #request.params['q'][0] == '1'}", 'condition', true, 'true'],
    ['{#request.pathInfos[1]} of {#api.name}', 'text', '7 of Echo', '7 of Echo'],
    ["{#error.key} {#parameters['violations'][0]}", 'response-template', 'KEY x', 'KEY x'],
    ["{#request.headers['none'][0]}", 'text', null, ''],
  ] as const)('%s as %s', async (text, kind, value, written) => {
    const { definition } = await workspace.call('apis.create', { name: 'Echo', path: '/echo' })
    expect(await workspace.call('expressions.evaluate', { text, kind, sample, apiId: definition.id })).toEqual({ ok: true, value, text: written }) // prettier-ignore
  })

  it.each([
    ['{#request.nope}', 'text', 10, 'has no nope'],
    ['true == true', 'condition', 0, 'in braces'],
    ['{#error.key}', 'text', 2, 'After #'],
  ] as const)('%s as %s is told at its character', async (text, kind, at, reason) => {
    const trial = await workspace.call('expressions.evaluate', { text, kind })
    expect(trial).toMatchObject({ ok: false, at, reason: expect.stringContaining(reason) as string })
  })

  it('says that a record is not there', async () => {
    expect(await workspace.problem('expressions.evaluate', { text: 'x', recordId: 'none' })).toMatchObject({ key: 'RECORDED_REQUEST_NOT_FOUND' }) // prettier-ignore
  })
})
