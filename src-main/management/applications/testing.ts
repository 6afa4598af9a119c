import type { ApplicationType } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import { afterEach, beforeEach, expect } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from '../testing'

export type Settings = Omit<OperationInput<'applications.check'>, 'domainId' | 'applicationId'>

/** For each test a workspace with one domain, demo, and short ways to its applications. To be called once in a file. */
export function withApplications() {
  let workspace: TestWorkspace
  let domainId: string
  beforeEach(async () => {
    workspace = await openTestWorkspace()
    ;({ id: domainId } = await workspace.call('domains.create', { name: 'demo' }))
  })
  afterEach(async () => {
    expect(workspace.faults).toEqual([])
    await workspace.close()
  })

  const check = (type: ApplicationType, settings: Settings = {}) =>
    workspace.call('applications.check', { domainId, type, ...settings })

  return {
    workspace: () => workspace,
    domainId: () => domainId,
    create: (type: ApplicationType, settings: Settings = {}) =>
      workspace.call('applications.create', { domainId, name: `a ${type}`, type, ...settings }),
    check,
    /** Fields that are wrong, with what is said of them. */
    errorsOf: async (type: ApplicationType, settings: Settings) =>
      Object.fromEntries((await check(type, settings)).errors.map(({ field, message }) => [field, message])),
  }
}
