import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiDefinition } from '@shared/api-definition'
import type { GatehouseEvent } from '@shared/events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildWorker } from '../engine/testing/start-engine'
import { writeDurably } from '../workspace/files/durable-file'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

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
  vi.unstubAllEnvs()
  await served.close()
  expect(served.faults).toEqual([])
})

const SECRET = 'pa"ss word'
const entries = [
  { key: 'blue', value: 'http://blue.example' },
  { key: 'password', value: SECRET, encryptable: true },
]
const create = () => served.now.call('dictionaries.create', { name: 'Tenants of ours', key: 'tenants', properties: entries }) // prettier-ignore
const problems = async () => (await served.now.call('workspace.get', {})).problems

/** An API whose answers say in `x-value` what an expression comes to. */
async function echo(value: string): Promise<string> {
  const { definition, version } = await served.now.call('apis.create', { name: 'Echo', path: '/echo', target: 'gatehouse:echo' }) // prettier-ignore
  const step = { enabled: true, policy: 'transform-headers', configuration: { addHeaders: [{ name: 'x-value', value }] } } // prettier-ignore
  const flow: ApiDefinition['flows'][number] = {
    name: 'All',
    enabled: true,
    selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
    request: [],
    response: [step],
  }
  const apiId = definition.id
  await served.now.call('apis.save', { apiId, definition: { ...definition, flows: [flow] }, version })
  return apiId
}
async function deployed(value: string): Promise<string> {
  const apiId = await echo(value)
  await served.now.call('apis.deploy', { apiId })
  return apiId
}
const answered = async (headers: Record<string, string> = {}) =>
  (await fetch(`${served.now.gateway}/echo`, { headers })).headers.get('x-value')

/** What the console's call told of its way. */
async function traced(headers: { name: string; value: string }[] = []) {
  const url = `${served.now.gateway}/echo`
  const { record } = await served.now.call('console.send', { request: { method: 'GET', url, headers, body: '' } })
  return record
}

describe('a dictionary', () => {
  it('is read by expressions as soon as it is saved, and changed without a deployment', async () => {
    const { id } = await create()
    await deployed("{#dictionaries['tenants'][#request.headers['x-tenant'][0]]}")
    expect(await answered({ 'x-tenant': 'blue' })).toBe('http://blue.example')
    await served.now.call('dictionaries.update', { dictionaryId: id, properties: [{ key: 'green', value: 'g' }] })
    expect([await answered({ 'x-tenant': 'blue' }), await answered({ 'x-tenant': 'green' })]).toEqual([null, 'g'])
  })

  it('stands in a file of its own without its secrets, which are sealed and go with it', async () => {
    const { id, properties } = await create()
    expect(properties[1]).toMatchObject({ encrypted: true, encryptable: true, value: expect.stringMatching(new RegExp(`^secret://gatehouse/dictionary/${id}/`)) as string }) // prettier-ignore
    const text = await readFile(join(served.folder, 'dictionaries/tenants.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ key: 'tenants', name: 'Tenants of ours', type: 'MANUAL', properties })
    expect(text).not.toContain('ss word')

    const secretId = properties[1]!.value.slice('secret://gatehouse/'.length)
    await served.now.call('dictionaries.update', { dictionaryId: id, properties: [properties[1]!] })
    expect(served.now.store.secrets.get(secretId)).toBe(SECRET)
    await served.now.call('dictionaries.update', { dictionaryId: id, properties: [{ ...properties[1]!, value: 'another one', encrypted: false }] }) // prettier-ignore
    expect(served.now.store.secrets.has(secretId)).toBe(false)
    await served.now.call('dictionaries.delete', { dictionaryId: id })
    expect(await served.now.call('dictionaries.list', {})).toEqual([])
    expect(await readFile(join(served.folder, 'secrets.enc'), 'utf8')).not.toContain('dictionary/')
  })

  it('is there after a restart', async () => {
    const made = await create()
    await served.restart()
    expect(await served.now.call('dictionaries.get', { dictionaryId: made.id })).toEqual(made)
  })

  it('shows no secret in a trace, wherever an expression carries it', async () => {
    const { id } = await create()
    await deployed("{#dictionaries['tenants']['password']} {#dictionaries['tenants']}")
    expect(await answered()).toContain(SECRET)
    const record = await traced()
    expect(JSON.stringify(record)).toContain('••••')
    expect(JSON.stringify(record)).not.toMatch(/ss word|ss%20word/)

    // One that was put in its place a moment ago may still be on its way through the gateway.
    await served.now.call('dictionaries.update', { dictionaryId: id, properties: [{ key: 'password', value: SECRET }] })
    expect(JSON.stringify(await traced())).not.toContain('ss word')
  })

  it('tells in the trace which key it does not have', async () => {
    await create()
    await deployed("{#dictionaries['tenants'][#request.headers['x-tenant'][0]] ?: 'none'}")
    const record = await traced([{ name: 'x-tenant', value: 'red' }])
    expect(record?.trace?.find(({ policy }) => policy === 'transform-headers')?.evidence).toEqual([
      { label: 'Dictionary tenants', value: 'It has no key red' },
    ])
    expect(await answered({ 'x-tenant': 'red' })).toBe('none')
  })

  it('is seen where an expression is tried, without its secrets', async () => {
    await create()
    const text = "{#dictionaries['tenants']['blue']} {#dictionaries.tenants.password}"
    expect(await served.now.call('expressions.evaluate', { text })).toMatchObject({ text: 'http://blue.example ••••' })
  })
})

describe('a dictionary that an API names and that is not there', () => {
  const place = 'low All, response step 1 (Transform headers)'
  const sentence = 'the expression reads the dictionary tenants, which is not in this workspace'

  it('refuses the deploy, with the field and the way out', async () => {
    const apiId = await echo("{#dictionaries['tenants']['blue']}")
    const field = '/flows/0/response/0/configuration/addHeaders/0/value'
    const remedy = 'Make a dictionary with the key tenants, or correct the expression.'
    expect(await served.now.problem('apis.deploy', { apiId })).toMatchObject({
      key: 'API_DOES_NOT_COMPILE',
      errors: [{ field, message: `F${place}: ${sentence}`, remedy }],
    })
    await create()
    await served.now.call('apis.deploy', { apiId })
    expect(await answered()).toBe('http://blue.example')
  })

  it('is asked about by its name before it is deleted; what runs goes on without it, and is told', async () => {
    const { id } = await create()
    const apiId = await deployed("{#dictionaries['tenants']['blue'] ?: 'none'}")
    expect((await served.now.call('dictionaries.list', {}))[0]?.usedBy).toEqual([{ apiId, apiName: 'Echo' }])
    expect(await served.now.problem('dictionaries.delete', { dictionaryId: id })).toMatchObject({ errors: [{ field: '/confirmName' }] }) // prettier-ignore
    await served.now.call('dictionaries.delete', { dictionaryId: id, confirmName: 'Tenants of ours' })
    expect(await answered()).toBe('none')
    expect(await problems()).toMatchObject([{ message: `API Echo, f${place}: ${sentence}` }])
    const record = await traced()
    expect(record?.trace?.find(({ policy }) => policy === 'transform-headers')?.evidence).toEqual([
      { label: 'Dictionary tenants', value: 'There is none with this key' },
    ])
  })

  it('is on the list of an export, and of an import before it is made', async () => {
    const apiId = await echo("{#dictionaries['tenants']['blue']}")
    const { content, notes } = await served.now.call('apis.export', { apiId, format: 'gravitee-v4' })
    expect(notes).toContainEqual(expect.objectContaining({ kind: 'dropped', sentence: 'The dictionary tenants, which its expressions read' })) // prettier-ignore
    const preview = await served.now.call('apis.importPreview', { content, name: 'Other', path: '/other' })
    expect(preview.notes).toContainEqual(
      expect.objectContaining({ kind: 'blocks', sentence: `F${place}: ${sentence}` }),
    )
  })

  it('is none where the step is switched off, or the text is for readers', async () => {
    const apiId = await echo('x')
    const { definition, version } = await served.now.call('apis.get', { apiId })
    const [flow] = definition.flows
    const off = { ...flow!.response[0]!, enabled: false, configuration: { addHeaders: [{ name: 'x', value: "{#dictionaries['a']['b']}" }] } } // prettier-ignore
    const flows = [{ ...flow!, response: [off, { ...flow!.response[0]!, description: "like {#dictionaries['c']}" }] }]
    await served.now.call('apis.save', { apiId, definition: { ...definition, flows }, version })
    expect((await served.now.call('apis.deploy', { apiId })).inSync).toBe(true)
  })
})

describe('what a dictionary may hold', () => {
  it.each([
    ['twice the same key', [entries[0]!, entries[0]!], '/properties/1/key'],
    ['a blank key', [{ key: ' ', value: '' }], '/properties/0/key'],
    ['a secret that is too short', [{ key: 'a', value: '123', encryptable: true }], '/properties/0/value'],
    ['what another installation encrypted', [{ key: 'a', value: 'AAAA', encrypted: true }], '/properties/0/encrypted'],
    ['a variable that is not for workspaces', [{ key: 'a', value: 'secret://env/HOME', encryptable: true }], '/properties/0/value'], // prettier-ignore
    ['a secret of something else', [{ key: 'a', value: 'secret://gatehouse/key/1', encryptable: true }], '/properties/0/value'], // prettier-ignore
  ])('is not %s', async (_what, properties, field) => {
    const problem = await served.now.problem('dictionaries.create', { name: 'X', properties })
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field, remedy: expect.any(String) as string }] })
    expect(await served.now.call('dictionaries.list', {})).toEqual([])
  })

  it('has a key of its own, made of its name unless given, which stays when it is renamed', async () => {
    const { key, id } = await served.now.call('dictionaries.create', { name: 'Größe & Farbe' })
    expect(key).toBe('gro-e-farbe')
    expect((await served.now.call('dictionaries.create', { name: 'Gro e farbe' })).key).toBe('gro-e-farbe-2')
    expect(await served.now.call('dictionaries.update', { dictionaryId: id, name: 'Colours' })).toMatchObject({ key, name: 'Colours' }) // prettier-ignore
    expect(await served.now.problem('dictionaries.create', { name: 'Other', key })).toMatchObject({ key: 'DICTIONARY_KEY_TAKEN', errors: [{ field: '/key' }] }) // prettier-ignore
    expect(await served.now.problem('dictionaries.create', { name: 'COLOURS' })).toMatchObject({ key: 'DICTIONARY_NAME_TAKEN', errors: [{ field: '/name' }] }) // prettier-ignore
    expect(await served.now.problem('dictionaries.create', { name: 'X', key: '../x' })).toMatchObject({ errors: [{ field: '/key' }] }) // prettier-ignore
  })

  it('reads a variable that is set for it, and tells of one that is not, or too short', async () => {
    vi.stubEnv('GATEHOUSE_SECRET_LONG', 'long enough')
    vi.stubEnv('GATEHOUSE_SECRET_SHORT', 'abc')
    const of = (key: string, name: string) => ({ key, value: `secret://env/GATEHOUSE_SECRET_${name}`, encryptable: true }) // prettier-ignore
    await served.now.call('dictionaries.create', { name: 'X', properties: [of('a', 'LONG'), of('b', 'SHORT'), of('c', 'NONE')] }) // prettier-ignore
    await deployed("{#dictionaries['x']['a']} {#dictionaries['x']['b']} {#dictionaries['x']['c']}")
    expect(await answered()).toBe('long enough')
    expect((await problems()).map(({ message }) => message)).toEqual([
      'Dictionary X, key b: a secret of fewer than 4 characters cannot be kept out of traces',
      'Dictionary X, key c: the environment variable GATEHOUSE_SECRET_NONE is not set',
    ])
  })

  it('is judged also in a file that was written by hand', async () => {
    const { id } = await create()
    const seen = new Promise<GatehouseEvent>((resolve) => {
      const stop = served.now.management.onEvent((event) => {
        if (event.type !== 'workspace' || event.source !== 'outside') return
        stop()
        resolve(event)
      })
    })
    const file = join(served.folder, 'dictionaries/tenants.json')
    const document = JSON.parse(await readFile(file, 'utf8')) as { properties: unknown[] }
    document.properties = [
      { key: 'blue', value: 'by hand' },
      { key: 'a', value: 'in clear', encryptable: true },
      { key: 'b', value: 'secret://gatehouse/key/1', encryptable: true },
    ]
    await writeDurably(file, JSON.stringify(document))
    expect(await seen).toMatchObject({ changed: [{ kind: 'dictionary', id }] })
    await deployed("{#dictionaries['tenants']['blue']}{#dictionaries['tenants']['a']}")
    expect(await answered()).toBe('by hand')
    const told = (await problems()).map(({ file, field, message }) => [file, field, message])
    expect(told).toEqual([
      ['dictionaries/tenants.json', '/properties/1/value', expect.stringContaining('no secret stands in a document')],
      ['dictionaries/tenants.json', '/properties/2/value', expect.stringContaining('not for this dictionary')],
    ])
    expect(JSON.stringify(told)).not.toContain('in clear')
  })
})
