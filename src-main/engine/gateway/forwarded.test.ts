import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiWith, api, rawExchange, startBackend, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
let closeBackend: () => Promise<void>
let target: string
beforeAll(async () => {
  gateway = await startGateway()
  const { address, close } = await startBackend((request, response) => response.end(JSON.stringify(request.rawHeaders)))
  ;[target, closeBackend] = [address, close]
  gateway.deploy(api({ target }))
})
afterAll(async () => {
  await gateway.close()
  await closeBackend()
})

/** What the backend got of each header. */
async function received(headers: string, host = 'h'): Promise<Record<string, string[]>> {
  const answer = await rawExchange(gateway.port, `GET /echo HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`) // prettier-ignore
  const raw = JSON.parse(answer.slice(answer.indexOf('['), answer.lastIndexOf(']') + 1)) as string[]
  const got: Record<string, string[]> = {}
  for (let i = 0; i < raw.length; i += 2) (got[raw[i]!.toLowerCase()] ??= []).push(raw[i + 1]!)
  return got
}

describe('what tells the backend who called', () => {
  it('X-Forwarded-For grows by the caller, and what else a client says of itself is not believed', async () => {
    const got = await received('X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Server: evil\r\nX-Real-IP: 3.3.3.3\r\n') // prettier-ignore
    expect(got['x-forwarded-for']).toEqual(['1.1.1.1, 2.2.2.2, 127.0.0.1'])
    expect(got['x-forwarded-host']).toEqual(['h'])
    expect(got['x-forwarded-proto']).toEqual(['http'])
    expect(got['x-forwarded-server']).not.toContain('evil')
    expect(got['x-real-ip']).toEqual(['127.0.0.1'])
  })

  it('Forwarded grows by what this hop knows, where a client sends it (RFC 7239 §4)', async () => {
    const one = await received(
      'Forwarded: for=1.1.1.1\r\nForwarded: for="[2001:db8::1]";proto=https\r\n',
      'api.example:8080',
    )
    expect(one.forwarded).toEqual(['for=1.1.1.1, for="[2001:db8::1]";proto=https, for=127.0.0.1;host="api.example:8080";proto=http']) // prettier-ignore
    const none = await received('')
    expect(none.forwarded).toBeUndefined()
    expect(none['x-real-ip']).toBeUndefined()
  })

  it('names that Connection tries to take away stay ours (RFC 9110 §7.6.1)', async () => {
    const got = await received(
      'Connection: X-Forwarded-For, X-Forwarded-Host, Via, X-Gravitee-Request-Id\r\nForwarded: for=1.1.1.1\r\n',
    )
    expect(got['x-forwarded-for']).toEqual(['127.0.0.1'])
    expect(got['x-forwarded-host']).toEqual(['h'])
    expect(got.via).toEqual(['1.1 gatehouse'])
    expect(got['x-gravitee-request-id']).toHaveLength(1)
  })

  it('Via grows, and the version is that of the hop (RFC 9110 §7.6.3)', async () => {
    expect((await received('Via: 1.0 fred, 1.1 p.example\r\n')).via).toEqual(['1.0 fred, 1.1 p.example, 1.1 gatehouse'])
    const old = await rawExchange(gateway.port, 'GET /echo HTTP/1.0\r\nHost: h\r\n\r\n')
    expect(old).toContain('"1.0 gatehouse"')
  })

  it('a policy may say what X-Real-IP is', async () => {
    gateway.deploy(apiWith('transform-headers', { addHeaders: [{ name: 'X-Real-IP', value: '9.9.9.9' }] }, { target }))
    expect((await received('X-Real-IP: 3.3.3.3\r\n'))['x-real-ip']).toEqual(['9.9.9.9'])
    gateway.deploy(api({ target }))
  })
})
