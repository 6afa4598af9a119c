import { Type } from 'typebox'
import { expect, it, onTestFinished } from 'vitest'
import { definePolicy } from '../policies/policy'
import { flowOf } from './flow.testing'
import { api, startGateway } from './testing'

it('makes steps again at the first call, but not those that hold on to something, which are closed once', async () => {
  const made: string[] = []
  const policy = definePolicy({
    ...{ id: 'made', name: 'Made', summary: '', category: 'other', icon: '', guide: '', errors: {} },
    phases: ['request'],
    configuration: Type.Object({ name: Type.String(), holds: Type.Boolean() }),
    create({ name, holds }, { onClose }) {
      made.push(name)
      if (holds) onClose(() => made.push(`${name} closed`))
      return { request: () => undefined }
    },
  })
  const gateway = await startGateway(undefined, [policy])
  onTestFinished(() => gateway.close())
  const step = (name: string, holds: boolean) => ({ policy: 'made', configuration: { name, holds } })
  const [free, holding] = [step('free', false), step('holding', true)].map((each) =>
    api({ path: `/${each.configuration.name}`, flows: [flowOf([each])] }),
  )
  gateway.deploy(free!, holding!)
  for (const path of ['/free', '/free', '/holding', '/holding'])
    expect((await fetch(gateway.address + path)).status).toBe(200)
  expect(made).toEqual(['free', 'holding', 'free'])
  gateway.deploy()
  await expect.poll(() => made.at(-1)).toBe('holding closed')
  expect(made).toHaveLength(4)
})
