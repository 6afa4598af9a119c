import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flowOf } from '../../gateway/flow.testing'
import { api, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../../gateway/testing'

let gateway: TestGateway
beforeEach(async () => void (gateway = await startGateway()))
afterEach(() => gateway.close())

const step = (configuration: object, more: object = {}) => ({ policy: 'transform-headers', configuration, ...more })
const call = (headers: Record<string, string> = {}) => fetch(`${gateway.address}/echo`, { headers })
const echoed = async (response: Response) => ((await response.json()) as { headers: Record<string, string> }).headers

describe('transform-headers on the way to the backend', () => {
  it('sets, replaces, appends and removes, in that order', async () => {
    const flow = flowOf([
      step({
        addHeaders: [
          { name: 'X-Kind', value: 'new' },
          { name: 'X-Made', value: "{#request.method} {#request.headers['x-from'][0]}" },
          { name: 'X-Left', value: "{#request.headers['x-none'][0]}" },
        ],
        appendHeaders: [{ name: 'X-From', value: 'gateway' }],
        removeHeaders: ['x-secret', '', null],
      }),
    ])
    gateway.deploy(api({ flows: [flow] }))
    const headers = await echoed(await call({ 'x-kind': 'old', 'x-from': 'client', 'X-SECRET': '1', 'x-left': 'as it was' })) // prettier-ignore
    expect(headers).toMatchObject({ 'X-Kind': 'new', 'X-Made': 'GET client', 'X-From': 'client, gateway', 'X-Left': 'as it was' }) // prettier-ignore
    expect(headers).not.toHaveProperty('X-Secret')
  })

  it('keeps only what is named', async () => {
    gateway.deploy(api({ flows: [flowOf([step({ whitelistHeaders: ['Accept'] })])] }))
    const headers = await echoed(await call({ 'x-kind': 'old', accept: 'application/json' }))
    expect(headers).toMatchObject({ Accept: 'application/json' })
    expect(headers).not.toHaveProperty('X-Kind')
    expect(headers).not.toHaveProperty('User-Agent')
  })

  it('leaves nothing of a removed header to later steps', async () => {
    const flow = flowOf([
      step({ removeHeaders: ['X-Secret', 'X-None', 'constructor'] }),
      step({
        addHeaders: [
          { name: 'X-Has', value: "{#request.headers.containsKey('X-Secret')} {#request.headers['constructor'][0]}" },
          { name: 'X-Names', value: "{#request.headers.keySet().contains('x-secret')} {#request.headers.keySet().contains('x-left')}" }, // prettier-ignore
          { name: 'X-Read', value: "{#request.headers['x-secret'][0]}" },
        ],
      }),
    ])
    gateway.deploy(api({ flows: [flow] }))
    const headers = await echoed(await call({ 'X-Secret': '1', 'x-left': '2' }))
    expect(headers).toMatchObject({ 'X-Has': 'false', 'X-Names': 'false true', 'X-Left': '2' })
    expect(headers).not.toHaveProperty('X-Secret')
    expect(headers).not.toHaveProperty('X-Read')
  })

  it('lets no value become a second header, and says so', async () => {
    const flow = flowOf([step({ addHeaders: [{ name: 'X-Name', value: '{#request.jsonContent.name}' }] })])
    gateway.deploy(api({ flows: [flow] }))
    const body = JSON.stringify({ name: 'a\r\nX-Evil: 1' })
    const response = await fetch(`${gateway.address}/echo`, { method: 'POST', body })
    expect(response.status).toBe(500)
    expect((await gateway.recordOf(response)).refusal).toMatchObject({ key: 'TRANSFORM_HEADERS_FAILURE', sentence: 'The value for the header X-Name holds a line break or another control character' }) // prettier-ignore
  })

  it('writes what is beyond ASCII as UTF-8', async () => {
    gateway.deploy(api({ flows: [flowOf([step({ addHeaders: [{ name: 'X-City', value: 'Zürich' }] })])] }))
    const { 'X-City': city } = await echoed(await call())
    expect(Buffer.from(city ?? '', 'latin1').toString()).toBe('Zürich')
  })

  it('tells of a value that no header may have with each request', async () => {
    gateway.deploy(api({ flows: [flowOf([step({ addHeaders: [{ name: 'X-Name', value: 'a\u0000b' }] })])] }))
    const response = await call()
    expect(response.status).toBe(500)
    expect((await gateway.recordOf(response)).refusal).toMatchObject({ key: 'TRANSFORM_HEADERS_FAILURE', evidence: [{ label: 'Header', value: 'X-Name' }] }) // prettier-ignore
  })

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'X-Forwarded-Host', 'no name'])('refuses to set %s at deploy', (name) => {
    expect(gateway.gateway.check([api({ flows: [flowOf([step({ addHeaders: [{ name, value: 'x' }] })])] })])).toMatchObject([
      { errors: [{ field: '/flows/0/request/0/configuration/addHeaders/0/name', message: expect.stringContaining(name) as string }] },
    ])
  }) // prettier-ignore

  it('points at the character of an expression that cannot be read', () => {
    const flow = flowOf([step({ addHeaders: [{ name: 'X', value: 'a {#request.nope}' }] })])
    expect(gateway.gateway.check([api({ flows: [flow] })])).toMatchObject([
      {
        errors: [
          {
            field: '/flows/0/request/0/configuration/addHeaders/0/value',
            message: expect.stringMatching(/^Flow All, request step 1 \(Transform headers\): #request has no nope.*character 13/) as string,
          },
        ],
      },
    ]) // prettier-ignore
  })
})

it('changes the headers of the answer, with what the backend said at hand', async () => {
  const backend = await startBackend((_request, response) => {
    response.writeHead(201, { 'x-powered-by': 'something', 'set-cookie': ['a=1', 'b=2'] }).end('ok')
  })
  const flow = flowOf([], [
    step({
      addHeaders: [{ name: 'X-Was', value: '{#response.status} {#request.method}' }],
      appendHeaders: [{ name: 'Set-Cookie', value: 'c=3' }],
      removeHeaders: ['X-Powered-By'],
    }),
  ]) // prettier-ignore
  gateway.deploy(api({ target: backend.address, flows: [flow] }))
  const response = await call({ 'x-gatehouse-trace': TRACE_KEY })
  expect(response.headers.get('x-was')).toBe('201 GET')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2', 'c=3'])
  expect(response.headers.has('x-powered-by')).toBe(false)
  expect(await response.text()).toBe('ok')
  await backend.close()
})
