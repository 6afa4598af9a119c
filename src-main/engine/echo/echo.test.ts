import { afterEach, beforeEach, expect, it } from 'vitest'
import { rawExchange } from '../gateway/testing'
import { startEcho, type Echo } from './echo'

let echo: Echo
beforeEach(async () => {
  echo = await startEcho()
})
afterEach(() => echo.close())

it('lays its answer out as the quick start does: four spaces, names in capitals, the order in which they came', async () => {
  const answer = await rawExchange(
    Number(new URL(echo.address).port),
    'GET /any?x=1 HTTP/1.1\r\nhost: api.gravitee.io\r\nuser-agent: curl/8\r\naccept: */*\r\nx-forwarded-for: 1.2.3.4\r\nx-gravitee-transaction-id: t\r\nX-TRAEFIK-REQID: 1\r\nx-twice: a\r\nX-Twice: "b"\r\nConnection: close\r\n\r\n',
  )
  const [head, body] = answer.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: application\/json\r\n/)
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body!)}`)
  expect(body).toBe(
    [
      '{',
      '    "headers": {',
      '        "Host": "api.gravitee.io",',
      '        "User-Agent": "curl/8",',
      '        "Accept": "*/*",',
      '        "X-Forwarded-For": "1.2.3.4",',
      '        "X-Gravitee-Transaction-Id": "t",',
      '        "X-Traefik-Reqid": "1",',
      '        "X-Twice": "a, \\"b\\""',
      '    }',
      '}',
      '',
    ].join('\n'),
  )
})

it('is not fooled by header names that mean something to JavaScript', async () => {
  const answer = await rawExchange(
    Number(new URL(echo.address).port),
    'GET / HTTP/1.1\r\nHost: h\r\n__proto__: x\r\nconstructor: y\r\nConnection: close\r\n\r\n',
  )
  expect(answer).toContain('"__proto__": "x"')
  expect(answer).toContain('"Constructor": "y"')
})
