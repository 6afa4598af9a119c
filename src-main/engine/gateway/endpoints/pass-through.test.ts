import { afterEach, beforeEach, expect, it } from 'vitest'
import { api, rawExchange, startBackend, startGateway, type TestGateway } from '../testing'

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

it('server-sent events arrive one by one, as the backend sends them', async () => {
  let send: ((text: string) => void) | undefined
  let gone = false
  const { address, close } = await startBackend((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    send = (text) => void response.write(text)
    response.once('close', () => (gone = true))
  })
  closers.push(close)
  gateway.deploy(api({ target: address }))
  const stop = new AbortController()
  const response = await fetch(`${gateway.address}/echo`, { signal: stop.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  for (const event of ['data: one\n\n', 'data: two\n\n']) {
    send!(event)
    expect((await reader.read()).value).toBe(event)
  }
  stop.abort()
  await reader.closed.catch(() => undefined)
  // The backend need not go on for nobody.
  await expect.poll(() => gone, { timeout: 5000 }).toBe(true)
})

it('trailers of an answer are passed on, but for those that frame a message (RFC 9110 §6.5.1)', async () => {
  const { address, close } = await startBackend((_request, response) => {
    response.writeHead(200, { trailer: 'x-checksum, set-cookie' })
    response.write('body')
    response.addTrailers({ 'x-checksum': 'abc', 'set-cookie': 'a=b' })
    response.end()
  })
  closers.push(close)
  gateway.deploy(api({ target: address }))
  const answer = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  expect(answer).toMatch(/\r\n0\r\nx-checksum: abc\r\n\r\n$/)
})
