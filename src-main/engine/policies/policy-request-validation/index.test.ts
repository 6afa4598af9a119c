import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flowOf } from '../../gateway/flow.testing'
import { api, startGateway, type TestGateway } from '../../gateway/testing'
import { dateFormat } from './date-format'

let gateway: TestGateway
beforeEach(async () => void (gateway = await startGateway()))
afterEach(() => gateway.close())

const input = "{#request.headers['x'][0]}"
const deploy = (rules: readonly object[], status = '400') =>
  gateway.deploy(api({ flows: [flowOf([{ policy: 'policy-request-validation', configuration: { status, rules } }])] }))
const call = (x?: string) => fetch(`${gateway.address}/echo`, { headers: x === undefined ? {} : { x } })

describe('a rule', () => {
  it.each<[string, string[], string[], (string | undefined)[]]>([
    ['NOT_NULL', [], ['a'], [undefined]],
    ['MIN', ['18'], ['18', '18.5', '99'], ['17', 'x', undefined]],
    ['MAX', ['18'], ['-1', '18'], ['19', '']],
    ['SIZE', ['2', '3'], ['ab', 'abc'], ['a', 'abcd', undefined]],
    ['MAIL', [], ['ada@example.com', 'a.b+c@x-y.example'], ['ada', '@example.com', 'a@b']],
    ['DATE', ['yyyy-MM-dd'], ['2024-02-29'], ['2023-02-29', '2024-13-01', '2024-2-9', '2024-02-29x', 'x']],
    ['PATTERN', ['^[a-z]+$'], ['abc'], ['a1', undefined]],
    ['ENUM', ['red', '{#api.name}'], ['red', 'Echo'], ['blue', undefined]],
  ])('%s %j', async (type, parameters, good, bad) => {
    deploy([{ input, constraint: { type, parameters } }])
    for (const value of good) expect([value, (await call(value)).status]).toEqual([value, 200])
    for (const value of bad) expect([value, (await call(value)).status]).toEqual([value, 400])
  })

  it('tells every broken one, in words of its own where it has them, with the status that is set', async () => {
    deploy(
      [
        { input, constraint: { type: 'MIN', parameters: ['3'] } },
        { input, constraint: { type: 'ENUM', parameters: ['7'], message: '%1$s is not %2$s (100%%)' } },
        { input: "{#request.params['none'][0]}", isRequired: false, constraint: { type: 'MAIL' } },
      ],
      '422',
    )
    const response = await call('2')
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({
      message: 'Request is not valid according to constraint rules',
      constraints: ["'2' must be higher or equals to '3'", '2 is not 7 (100%)'],
      http_status_code: 422,
    })
    expect((await gateway.recordOf(response)).refusal).toMatchObject({ key: 'REQUEST_VALIDATION_INVALID', status: 422 })
  })

  it('may look at the body, and only then is it collected', async () => {
    deploy([{ input: '{#request.jsonContent.age}', constraint: { type: 'MIN', parameters: ['18'] } }])
    const post = (body: string) => fetch(`${gateway.address}/echo`, { method: 'POST', body })
    expect((await post('{"age": 18}')).status).toBe(200)
    expect((await post('{"age": 17}')).status).toBe(400)
    expect((await post('not JSON')).status).toBe(400)
  })

  it('answers soon about a value made against its pattern', async () => {
    deploy([{ input, constraint: { type: 'PATTERN', parameters: ['(a+)+b'] } }])
    expect((await call('a'.repeat(8000))).status).toBe(400)
  })

  it.each([
    [{ type: 'MIN', parameters: ['x'] }, 'MIN wants a number, and x is none'],
    [{ type: 'SIZE', parameters: ['1'] }, 'SIZE wants two numbers'],
    [{ type: 'DATE', parameters: ['yyyy-QQ'] }, 'the letter Q is not known'],
    [{ type: 'PATTERN', parameters: ['(?=x)'] }, 'looks around'],
    [{ type: 'ENUM' }, 'ENUM wants the values'],
  ])('%j is refused at deploy', (constraint, message) => {
    const configuration = { status: '400', rules: [{ input, constraint }] }
    const flow = flowOf([{ policy: 'policy-request-validation', configuration }])
    expect(gateway.gateway.check([api({ flows: [flow] })])).toMatchObject([
      {
        errors: [
          {
            field: '/flows/0/request/0/configuration/rules/0/constraint/parameters',
            message: expect.stringContaining(message) as string,
          },
        ],
      },
    ])
  })
})

it.each([
  ["yyyy-MM-dd'T'HH:mm:ssXXX", '2024-05-01T23:59:59+02:00', '2024-05-01T24:00:00Z'],
  ['dd/MM/yy h:mm a', '31/12/24 9:05 PM', '31/12/24 13:05 PM'],
  ['EEE, d MMM yyyy HH:mm:ss z', 'Wed, 1 May 2024 10:00:00 GMT', 'Xyz, 1 May 2024 10:00:00 GMT'],
  ["yyyy 'o''clock'", "2024 o'clock", '2024 oclock'],
])('the date format %s', (format, good, bad) => {
  const fits = dateFormat(format)
  if (typeof fits === 'string') return expect.unreachable(fits)
  expect([fits(good), fits(bad)]).toEqual([true, false])
})
