import type { ApiDefinition, Resource } from '@shared/api-definition'
import type { Domain } from '@shared/domain'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { withServedSample } from './testing'

const { served, edit, editSeen, token, status, problems } = withServedSample()

describe('a secret that is missing', () => {
  it('is named where it is needed, and lets nobody in', async () => {
    const seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.clientSecret = 'secret://env/GATEHOUSE_SECRET_NOT_SET'
    })
    await seen
    expect(await problems()).toMatchObject([
      {
        field: '/applications/0/clientSecret',
        message: 'Domain demo: the secret of application orders-service is missing',
        remedy: expect.stringContaining('GATEHOUSE_SECRET_NOT_SET'),
      },
    ])
    await expect(token()).rejects.toMatchObject({ problem: { key: 'SECRET_MISSING', status: 409 } })
  })

  it('is one that stands in the document itself: it is told, and lets nobody in', async () => {
    const seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.clientSecret = 'in-clear'
    })
    await seen
    const [problem] = await problems()
    expect(problem).toMatchObject({
      field: '/applications/0/clientSecret',
      message: expect.stringContaining('orders-service is no reference'),
      remedy: expect.stringContaining('secret://env/GATEHOUSE_SECRET_'),
    })
    expect(JSON.stringify(problem)).not.toContain('in-clear')
    await expect(token()).rejects.toMatchObject({ problem: { status: 409 } })
  })

  it('is told as soon as the application is deleted that an API has it from, with the way out', async () => {
    const [domain] = await served().now.call('domains.list', {})
    const [api] = await served().now.call('apis.list', {})
    const applicationId = domain!.applications[0]!.id
    const definition = structuredClone(api!.definition)
    definition.resources[0]!.configuration.clientSecret = `secret://gatehouse/application/${applicationId}`
    await served().now.call('apis.save', { apiId: definition.id, definition, version: api!.version })
    await served().now.call('apis.deploy', { apiId: definition.id })
    expect(await problems()).toEqual([])

    const told: ReturnType<typeof problems>[] = []
    const stop = served().now.management.onEvent(({ type }) => void (type === 'workspace' && told.push(problems())))
    await served().now.call('applications.delete', { domainId: domain!.id, applicationId })
    stop()
    const name = definition.resources[0]!.name
    const expected = [
      {
        field: '/resources/0/configuration/clientSecret',
        message: `API ${definition.name}, resource ${name}: the secret that this refers to is gone`,
        remedy:
          'Open the resource and choose Replace at the secret, or fill the resource in from the workspace. ' +
          `Then deploy the API ${definition.name}.`,
      },
    ]
    expect(await told.at(-1)).toMatchObject(expected)
    expect(await problems()).toMatchObject(expected)
  })

  it('of an API refuses its deploy, naming the field', async () => {
    const [api] = await served().now.call('apis.list', {})
    const definition = structuredClone(api!.definition)
    definition.resources[0]!.configuration.clientSecret = 'secret://env/GATEHOUSE_SECRET_NOT_SET'
    const apiId = definition.id
    await served().now.call('apis.save', { apiId, definition, version: api!.version })
    expect(await served().now.problem('apis.deploy', { apiId })).toMatchObject({
      key: 'API_DOES_NOT_COMPILE',
      errors: [{ field: '/resources/0/configuration/clientSecret' }],
    })
    expect(await status('/echo', (await token()).accessToken)).toBe(200)
  })
})

describe('a variable of the environment that is not for workspaces', () => {
  const reference = 'secret://env/AWS_SECRET_ACCESS_KEY'
  beforeEach(() => vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'of somebody else'))

  it('is refused in a draft, with the rule and the way out', async () => {
    const [api] = await served().now.call('apis.list', {})
    const definition = structuredClone(api!.definition)
    const [resource] = definition.resources
    resource!.configuration.clientSecret = reference
    const apiId = definition.id
    const expected = (field: string) => ({
      key: 'INPUT_INVALID',
      errors: [
        {
          field,
          message: 'The environment variable AWS_SECRET_ACCESS_KEY is not for workspaces',
          remedy: expect.stringContaining('GATEHOUSE_SECRET_') as string,
        },
      ],
    })
    expect(await served().now.problem('apis.save', { apiId, definition, version: api!.version })).toMatchObject(
      expected('/definition/resources/0/configuration/clientSecret'),
    )
    expect(await served().now.problem('apis.testResource', { apiId, resource })).toMatchObject(
      expected('/resource/configuration/clientSecret'),
    )
  })

  it('is nothing to an application or a revision that was written by hand', async () => {
    const [api] = await served().now.call('apis.list', {})
    let seen = editSeen()
    await edit<{ definition: ApiDefinition }>('deployments/echo/1.json', ({ definition }) => {
      definition.resources[0]!.configuration.clientSecret = reference
    })
    await seen
    expect(await problems()).toMatchObject([
      {
        message: `API Echo, resource ${api!.definition.resources[0]!.name}: the environment variable AWS_SECRET_ACCESS_KEY is not for workspaces`,
        remedy: expect.stringContaining('GATEHOUSE_SECRET_') as string,
      },
    ])
    expect(await status('/echo', (await token()).accessToken)).toBe(503)

    seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.clientSecret = reference
    })
    await seen
    expect(await problems()).toMatchObject([
      { field: '/applications/0/clientSecret', remedy: expect.stringContaining('GATEHOUSE_SECRET_') as string },
      {},
    ])
    await expect(token()).rejects.toMatchObject({ problem: { key: 'SECRET_MISSING' } })
  })
})

describe('a secret', () => {
  it('goes nowhere but to the places for secrets, so that no expression, record or test shows it', async () => {
    vi.stubEnv('GATEHOUSE_SECRET_TEST', 'not-to-be-seen')
    const reference = 'secret://env/GATEHOUSE_SECRET_TEST'
    const [api] = await served().now.call('apis.list', {})
    const apiId = api!.definition.id
    const definition = structuredClone(api!.definition)
    definition.properties = [{ key: 'k', value: reference }]
    definition.flows[0]!.request[0]!.configuration = { oauthResource: "{#api.properties['k']}" }
    await served().now.call('apis.save', { apiId, definition, version: api!.version })
    await served().now.call('apis.deploy', { apiId })
    const request = { method: 'GET', url: `${served().now.gateway}/echo`, headers: [] }
    const { record } = await served().now.call('console.send', { request })
    expect(record?.refusal).toMatchObject({ evidence: [{ label: 'Resource', value: reference }] })

    const test = (resource: Resource) => served().now.call('apis.testResource', { apiId, resource })
    const [own] = definition.resources
    const tested = [
      await test({ ...own!, name: reference, type: 'unknown' }),
      await test({ ...own!, configuration: { ...own!.configuration, clientId: reference } }),
    ]
    expect(JSON.stringify([record, tested])).not.toContain('not-to-be-seen')
  })

  it('that is not for an API does not get into it by a file either', async () => {
    const [domain] = await served().now.call('domains.list', {})
    await served().restart(() =>
      edit<{ definition: ApiDefinition }>('deployments/echo/1.json', ({ definition }) => {
        definition.resources[0]!.configuration.clientSecret = `secret://gatehouse/key/${domain!.keys[0]!.id}`
      }),
    )
    expect(await problems()).toMatchObject([
      { field: '/resources/0/configuration/clientSecret', message: expect.stringContaining('not for this API') },
    ])
    expect(await status('/echo', (await token()).accessToken)).toBe(503)
  })
})
