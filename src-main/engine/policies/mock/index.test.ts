import { afterEach, beforeEach, expect, it } from 'vitest'
import { flowOf } from '../../gateway/flow.testing'
import { api, startGateway, TRACE_KEY, type TestGateway } from '../../gateway/testing'

let gateway: TestGateway
beforeEach(async () => void (gateway = await startGateway()))
afterEach(() => gateway.close())

const NOWHERE = 'http://127.0.0.1:9' // the backend must not be called
const mock = (configuration: object) => ({ policy: 'mock', configuration })

it('answers in the place of the backend, with expressions over the request and its body', async () => {
  const content = '{"id": "{#request.pathInfos[1]}", "name": "{#jsonEscape(#request.jsonContent.name)}"}'
  const headers = [
    { name: 'X-Method', value: '{#request.method}' },
    { name: 'Set-Cookie', value: 'a=1' },
    { name: 'Set-Cookie', value: 'b=2' },
  ]
  gateway.deploy(api({ target: NOWHERE, flows: [flowOf([mock({ status: '201', headers, content })])] }))
  const response = await fetch(`${gateway.address}/echo/7`, {
    method: 'POST',
    body: JSON.stringify({ name: 'say "hi"' }),
    headers: { 'x-gatehouse-trace': TRACE_KEY },
  })
  expect(response.status).toBe(201)
  expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-method': 'POST', 'content-type': 'application/json', 'content-length': '33' }) // prettier-ignore
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.json()).toEqual({ id: '7', name: 'say "hi"' })
  const { trace } = await gateway.recordOf(response)
  expect(trace?.map(({ kind, decision }) => `${kind} ${decision}`).slice(-3)).toEqual(['policy passed', 'backend not-reached', 'answer passed']) // prettier-ignore
})

it.each([
  ['<a/>', 'text/xml'],
  ['[1]', 'application/json'],
  ['hello', 'text/plain'],
])('tells %s as %s', async (content, type) => {
  gateway.deploy(api({ target: NOWHERE, flows: [flowOf([mock({ status: '200', content })])] }))
  const response = await fetch(`${gateway.address}/echo`)
  expect(response.headers.get('content-type')).toBe(type)
  expect(await response.text()).toBe(content)
})

it('is seen by the response phase, and by no later refusal', async () => {
  const transform = { policy: 'transform-headers', configuration: { addHeaders: [{ name: 'X-Seen', value: '{#response.status} {#response.content}' }] } } // prettier-ignore
  const rule = { input: "{#request.headers['x-key'][0]}", constraint: { type: 'NOT_NULL' } }
  const validate = { policy: 'policy-request-validation', configuration: { status: '400', rules: [rule] } }
  const flow = flowOf([mock({ status: '202', content: 'hi' }), validate], [transform])
  gateway.deploy(api({ target: NOWHERE, flows: [flow] }))
  const accepted = await fetch(`${gateway.address}/echo`, { headers: { 'x-key': '1' } })
  expect([accepted.status, accepted.headers.get('x-seen'), await accepted.text()]).toEqual([202, '202 hi', 'hi'])
  expect((await fetch(`${gateway.address}/echo`)).status).toBe(400)
})

it('sends no content with a HEAD or a 204', async () => {
  gateway.deploy(api({ target: NOWHERE, flows: [flowOf([mock({ status: '200', content: 'hello' })])] }))
  const head = await fetch(`${gateway.address}/echo`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
  gateway.deploy(api({ target: NOWHERE, flows: [flowOf([mock({ status: '204', content: 'hello' })])] }))
  const none = await fetch(`${gateway.address}/echo`)
  expect([none.status, none.headers.has('content-length'), await none.text()]).toEqual([204, false, ''])
})

it('refuses at deploy a status that ends no request', () => {
  expect(gateway.gateway.check([api({ flows: [flowOf([mock({ status: '101' })])] })])).toMatchObject([
    { errors: [{ field: '/flows/0/request/0/configuration/status' }] },
  ])
})
