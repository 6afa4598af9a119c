import { operations, type OperationName } from '@shared/operations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
beforeAll(async () => {
  workspace = await openTestWorkspace()
})
afterAll(() => workspace.close())

const names = Object.keys(operations) as OperationName[]
/** Takes nothing, so that nothing can be missing. */
const withoutInput = names.filter((name) => Object.keys(operations[name].input.properties).length === 0)
const optionalOnly: OperationName[] = ['workspace.update', 'traffic.list', 'traffic.configure']

describe('bad input to', () => {
  it.each(names)('%s is told by field and never a fault of ours', async (name) => {
    const members = Object.keys(operations[name].input.properties)
    const wrong: unknown[] = [
      null,
      'text',
      7,
      [],
      { surprise: true },
      ...members.map((member) => ({ [member]: { deep: [] } })),
      Object.fromEntries(members.map((member) => [member, Number.NaN])),
      ...(withoutInput.includes(name) || optionalOnly.includes(name) ? [] : [{}]),
    ]
    for (const input of wrong.filter((value) => members.length > 0 || JSON.stringify(value) !== '{}')) {
      const problem = await workspace.problem(name, input)
      expect(problem).toMatchObject({ key: 'INPUT_INVALID', status: 400 })
      for (const { field, message, remedy } of problem.errors ?? []) {
        expect(field).toMatch(/^(\/|$)/)
        expect(message).not.toBe('')
        expect(remedy).toBeTruthy()
      }
    }
    expect(workspace.faults).toEqual([])
  })

  it('an operation that there is not is told so', async () => {
    for (const name of ['domains.explode', '__proto__', 'constructor', '']) {
      const answer = await workspace.management.run(name, {})
      expect(answer).toMatchObject({ ok: false, problem: { key: 'OPERATION_UNKNOWN', status: 404 } })
    }
  })

  it('one field names it in plain words', async () => {
    const problem = await workspace.problem('domains.create', { name: 'A', path: 'Not A Path' })
    expect(problem.errors).toEqual([
      {
        field: '/path',
        message: 'Path may hold only small letters, digits and hyphens, and no hyphen at either end',
        remedy: 'Use a word such as demo or my-domain.',
      },
    ])
  })

  it('ids that nobody has is not found, never a fault of ours', async () => {
    const ids = { domainId: 'x', applicationId: 'x', apiId: 'x', requestId: 'x', keyId: 'x' }
    const { id: domainId } = await workspace.call('domains.create', { name: 'There' })
    const inputs: Partial<Record<OperationName, object>> = {
      'domains.get': { domainId: ids.domainId },
      'domains.delete': { domainId: ids.domainId, confirmName: 'x' },
      'keys.add': { domainId: ids.domainId, algorithm: 'ES256' },
      'keys.setRotation': { domainId: ids.domainId },
      'keys.import': { domainId: ids.domainId, key: 'x' },
      'keys.remove': { domainId, keyId: ids.keyId },
      'keys.rotate': { domainId, keyId: ids.keyId },
      'keys.retire': { domainId, keyId: ids.keyId },
      'keys.makeDefault': { domainId, keyId: ids.keyId },
      'keys.export': { domainId, keyId: ids.keyId, format: 'jwk' },
      'keys.exportPrivate': { domainId, keyId: ids.keyId, format: 'jwk', confirmKid: 'x' },
      'applications.check': { domainId: ids.domainId, applicationId: ids.applicationId },
      'applications.rotateSecret': { domainId: ids.domainId, applicationId: ids.applicationId },
      'applications.removeSecret': { domainId: ids.domainId, applicationId: ids.applicationId, secretId: 'x' },
      'apis.get': { apiId: ids.apiId },
      'apis.changes': { apiId: ids.apiId },
      'apis.deploy': { apiId: ids.apiId },
      'apis.discard': { apiId: ids.apiId },
      'apis.deployments': { apiId: ids.apiId },
      'apis.delete': { apiId: ids.apiId, confirmName: 'x' },
      'apis.useApplication': { domainId: ids.domainId, applicationId: ids.applicationId },
      'console.getToken': { domainId: ids.domainId, applicationId: ids.applicationId, scopes: [] },
      'console.delete': { requestId: ids.requestId },
    }
    for (const [name, input] of Object.entries(inputs))
      expect(await workspace.problem(name as OperationName, input), name).toMatchObject({ status: 404 })
  })
})
