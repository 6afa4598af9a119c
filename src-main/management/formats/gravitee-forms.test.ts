import { ProblemError, type Problem } from '@shared/problem'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readApiFile } from './read-api-file'

/** Forms of definitions that are met in the wild, in our own words: old versions, the Kubernetes operator, what management adds. */

const read = (file: unknown) => readApiFile(JSON.stringify(file, null, 2), { fileName: 'a.json' })

function definitionOf(file: unknown) {
  const { definition, problems } = read(file)
  expect(problems).toEqual([])
  return definition!
}

const dropped = (file: unknown) =>
  read(file).notes.flatMap(({ kind, pointer, sentence }) => (kind === 'dropped' ? [[pointer, sentence]] : []))

function problemOf(content: string): Problem {
  try {
    readApiFile(content, { fileName: 'a.yaml' })
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('It could be read')
}

const proxyV2 = {
  virtual_hosts: [{ path: '/stock' }],
  groups: [{ name: 'main', endpoints: [{ name: 'one', target: 'http://127.0.0.1:9001' }] }],
}

test('endpoints of version 1 keep their connection, host header, tenant and authority', () => {
  const { endpointGroups } = definitionOf({
    id: 'stock',
    name: 'Stock',
    proxy: {
      context_path: '/stock',
      http: { connectTimeout: 4000 },
      headers: { 'X-From': 'gateway' },
      endpoints: [
        { name: 'one', target: 'http://127.0.0.1:9001', hostHeader: 'stock.example', tenant: 'north', weight: 0 },
        { name: 'two', target: 'https://127.0.0.1:9002', ssl: { enabled: true, pem: 'PEM of an authority' } },
      ],
    },
    paths: { '/*': [] },
    services: { discovery: { enabled: true, provider: 'some-registry', configuration: { service: 'stock' } } },
  })
  expect(endpointGroups).toMatchObject([
    {
      sharedConfiguration: { http: { connectTimeout: 4000 }, headers: [{ name: 'X-From', value: 'gateway' }] },
      services: { discovery: { provider: 'some-registry' } },
      endpoints: [
        {
          tenants: ['north'],
          sharedConfigurationOverride: { headers: [{ name: 'Host', value: 'stock.example' }] },
        },
        {
          sharedConfigurationOverride: { ssl: { trustStore: { type: 'PEM', content: 'PEM of an authority' } } },
        },
      ],
    },
  ])
  expect(endpointGroups[0]!.endpoints[0]).not.toHaveProperty('weight')
})

test('a plan of version 2 keeps what describes it; dates and ids of its installation are told in one line', () => {
  const file = {
    id: 'stock',
    name: 'Stock',
    gravitee: '2.0.0',
    proxy: proxyV2,
    plans: [
      {
        id: 'p',
        name: 'Gold',
        security: 'API_KEY',
        status: 'PUBLISHED',
        type: 'API',
        crossId: 'gold',
        excluded_groups: ['interns'],
        comment_required: true,
        created_at: 1,
        api: 'stock',
        surcharge: 3,
      },
    ],
    created_at: 1,
    updated_at: 2,
    lifecycle_state: 'published',
    picture: 'data:',
    members: [{}, {}],
  }
  expect(definitionOf(file)).toMatchObject({
    lifecycleState: 'PUBLISHED',
    plans: [{ type: 'API', crossId: 'gold', excludedGroups: ['interns'], commentRequired: true }],
  })
  expect(dropped(file)).toEqual([
    ['', 'What holds in the installation that it comes from alone: created_at, updated_at'],
    ['/picture', 'The picture'],
    ['/members', 'The members, who are people of the installation that it comes from (2 entries)'],
    ['/plans/0', 'What holds in the installation that it comes from alone: created_at, api'],
    ['/plans/0/surcharge', 'surcharge of the plan Gold'],
  ])
})

test.each([
  [2000, 2000, false],
  [0, 10_000, true],
])('failover of version 2 with attempts of %d ms takes %d ms', (retryTimeout, slowCallDuration, isTold) => {
  const file = {
    id: 's',
    name: 'S',
    gravitee: '2.0.0',
    proxy: { ...proxyV2, failover: { maxAttempts: 2, retryTimeout } },
  }
  expect(definitionOf(file)).toMatchObject({ failover: { maxRetries: 2, slowCallDuration } })
  const told = read(file).notes.find(({ pointer }) => pointer === '/proxy/failover')?.sentence ?? ''
  expect(told.includes('10000 ms, not 0')).toBe(isTold)
})

const custom = (kind: string, spec: object) => ({
  apiVersion: 'gravitee.io/v1alpha1',
  kind,
  metadata: { name: 'stock' },
  spec,
})
const specV4 = {
  name: 'Stock',
  version: '3',
  type: 'PROXY',
  contextRef: { name: 'main' },
  state: 'STOPPED',
  members: [{ source: 'directory', sourceId: 'ada' }],
  listeners: [{ type: 'HTTP', paths: [{ path: '/stock' }], entrypoints: [{ type: 'http-proxy' }] }],
  endpointGroups: [
    { name: 'main', type: 'http-proxy', endpoints: [{ name: 'one', type: 'http-proxy', configuration: { target: 'http://127.0.0.1:9001' } }] }, // prettier-ignore
  ],
  plans: { Free: { security: { type: 'KEY_LESS' } } },
  flows: [
    {
      name: 'All',
      enabled: true,
      selectors: [{ type: 'HTTP', path: '/', pathOperator: 'STARTS_WITH' }],
      request: [{ name: 'Shared', sharedPolicyGroupRef: { name: 'limits' } }],
    },
  ],
  resources: [{ ref: { name: 'tokens', namespace: 'shared' } }],
}

test('a resource of the Kubernetes operator is read, and what it refers to stays as something that is not here', () => {
  const file = custom('ApiV4Definition', specV4)
  expect(definitionOf(file)).toMatchObject({
    name: 'Stock',
    contextRef: { name: 'main' },
    plans: [{ name: 'Free', security: { type: 'KEY_LESS' } }],
    flows: [{ request: [{ policy: 'shared-policy-group-policy', sharedPolicyGroupRef: { name: 'limits' } }] }],
    resources: [{ name: 'tokens', type: 'api-resource', ref: { name: 'tokens', namespace: 'shared' } }],
  })
  expect(dropped(file)).toEqual([
    ['', 'What only the Kubernetes operator reads: apiVersion, kind, metadata, and the status'],
  ])
})

test('notes and problems of a resource of the operator point into its spec', () => {
  const v2 = custom('ApiDefinition', {
    name: 'Stock',
    proxy: { ...proxyV2, logging: { mode: 'CLIENT' } },
    pages: { a: {} },
  })
  expect(dropped(v2).map(([pointer]) => pointer)).toEqual(['', '/spec/proxy/logging', '/spec/pages'])
  const wrong = stringify(custom('ApiV4Definition', { ...specV4, listeners: [{ ...specV4.listeners[0], paths: [{ path: 'a b' }] }] })) // prettier-ignore
  const line = wrong.slice(0, wrong.indexOf('a b')).split('\n').length
  const { problems } = readApiFile(wrong, { fileName: 'a.yaml' })
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(`a.yaml, line ${line}, column`)])
})

test.each([
  [custom('ApiV4Definition', { ...specV4, listeners: [{ type: 'TCP', hosts: ['a.example'] }] }), 'this API listens for tcp, not for HTTP'], // prettier-ignore
  [{ name: 'Gold', definitionVersion: 'V4', security: { type: 'API_KEY' } }, 'this is a plan alone'],
])('%.60j is refused for what it is', (file, title) => {
  expect(problemOf(JSON.stringify(file)).title).toContain(title)
})
