import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { GatehouseEvent, StreamedEvent } from '@shared/events'
import { openTestWorkspace, type TestWorkspace } from '../testing'
import { createHttp } from './http'

let workspace: TestWorkspace
let app: FastifyInstance
const listeners = new Set<(event: GatehouseEvent) => void>()
beforeEach(async () => {
  workspace = await openTestWorkspace()
  // The real management, with events that the test makes: so many and so large ones need a busy gateway otherwise.
  const onEvent = (listener: (event: GatehouseEvent) => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  app = createHttp({ ...workspace.management, onEvent }, 'the-token')
  await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  await app.close()
  expect(listeners.size).toBe(0)
  await workspace.close()
})

async function openStream(): Promise<IncomingMessage> {
  const { port } = app.server.address() as AddressInfo // listening on TCP
  const headers = { authorization: 'Bearer the-token' }
  const [stream] = (await once(get({ host: '127.0.0.1', port, path: '/events', headers }), 'response')) as [
    IncomingMessage,
  ]
  return stream.setEncoding('utf8').on('error', () => undefined) // cut off by the server's end
}

const change = (file: string): GatehouseEvent => ({
  type: 'workspace',
  source: 'outside',
  changed: [{ kind: 'api', file }],
})
const emit = (event: GatehouseEvent) => listeners.forEach((listener) => listener(event))

/** Reads the stream until the event that names the file. */
async function readUntil(stream: IncomingMessage, file: string): Promise<StreamedEvent[]> {
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    if (text.includes(`"file":"${file}"`)) break
  }
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('data: '))
    .map((part) => JSON.parse(part.slice(6)) as StreamedEvent)
}

it('leaves out what a reader cannot keep up with, and tells it how much', async () => {
  const stream = await openStream()
  stream.pause()
  // 64 MiB: several times of what the system's own buffers take.
  const emitted = 1024
  for (let index = 0; index < emitted; index++) {
    emit(change(`${index}-${'x'.repeat(64 * 1024)}`))
    await nextTurn()
  }
  const early = readUntil(stream, 'after')
  // Reading up takes the stream some turns, in which what happens is still left out.
  let after = 0
  while (!(await Promise.race([early.then(() => true), nextTurn(false)]))) {
    after++
    emit(change('after'))
  }
  const events = await early
  const gap = events.findIndex(({ type }) => type === 'missed')
  expect(events[gap]).toMatchObject({ type: 'missed' })
  const missed = (events[gap] as Extract<StreamedEvent, { type: 'missed' }>).events
  expect(missed).toBeLessThanOrEqual(emitted + after)
  // All that came before the gap, in order, and nothing of what was left out.
  expect(events.slice(0, gap).map((event) => fileOf(event).split('-')[0])).toEqual(
    Array.from({ length: gap }, (_, index) => String(index)),
  )
  expect(gap + missed).toBeGreaterThanOrEqual(emitted)
  expect(fileOf(events[gap + 1]!)).toBe('after')
})

it('ends with the server, also for a reader that has stopped reading', async () => {
  const stream = await openStream()
  stream.pause()
  for (let index = 0; index < 256; index++) emit(change('x'.repeat(64 * 1024)))
  const ended = once(stream.resume(), 'close')
  await app.close()
  await ended
  emit(change('too late'))
})

const fileOf = (event: StreamedEvent) => (event.type === 'workspace' ? (event.changed[0]?.file ?? '') : event.type)
