import { credentials as channelCredentials, makeClientConstructor, Metadata, Server, ServerCredentials, status, type ClientDuplexStream, type ClientReadableStream, type ClientUnaryCall, type ClientWritableStream, type requestCallback, type sendUnaryData, type ServerDuplexStream, type ServerReadableStream, type ServerUnaryCall, type ServerWritableStream, type ServiceError } from '@grpc/grpc-js' // prettier-ignore
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testCredentials, type TestCredentials } from '../../certificates/testing'
import type { LocalIntrospection } from '../resources/resource'
import { api, securedApi, startGateway, type TestGateway } from './testing'

interface Word {
  readonly text: string
}

const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/words.Words/${name}`,
  requestStream,
  responseStream,
  requestSerialize: (word: Word) => Buffer.from(word.text),
  requestDeserialize: (bytes: Buffer): Word => ({ text: bytes.toString() }),
  responseSerialize: (word: Word) => Buffer.from(word.text),
  responseDeserialize: (bytes: Buffer): Word => ({ text: bytes.toString() }),
})
const WORDS = {
  say: method('Say', false, false),
  spell: method('Spell', false, true),
  join: method('Join', true, false),
  talk: method('Talk', true, true),
}

/** As the library makes it from the definition above. */
interface WordsClient {
  say(word: Word, metadata: Metadata, options: { deadline?: number }, callback: requestCallback<Word>): ClientUnaryCall
  spell(word: Word, metadata?: Metadata): ClientReadableStream<Word>
  join(metadata: Metadata, callback: requestCallback<Word>): ClientWritableStream<Word>
  talk(metadata?: Metadata): ClientDuplexStream<Word, Word>
  close(): void
}
const Words = makeClientConstructor(WORDS, 'Words')

/** What the service was told, call by call. */
interface Seen {
  readonly metadata: Record<string, unknown>[]
  cancelled: number
  /** Milliseconds since the epoch. */
  readonly deadlines: number[]
}

let gateway: TestGateway
const closers: (() => Promise<unknown> | void)[] = []
beforeEach(async () => {
  gateway = await startGateway(introspect)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await gateway.close()
})

const introspect = (token: string): LocalIntrospection =>
  token === 'good'
    ? { status: 200, active: true, claims: { client_id: 'caller', scope: 'read' } }
    : { status: 200, active: false, reason: 'unknown', evidence: [] }

async function service(tls?: TestCredentials): Promise<{ port: number; seen: Seen }> {
  const seen: Seen = { metadata: [], cancelled: 0, deadlines: [] }
  const server = new Server()
  server.addService(WORDS, {
    say(call: ServerUnaryCall<Word, Word>, callback: sendUnaryData<Word>) {
      seen.metadata.push(call.metadata.getMap())
      seen.deadlines.push(Number(call.getDeadline()))
      call.on('cancelled', () => seen.cancelled++)
      const { text } = call.request
      if (text === 'never') return
      if (text === 'fail') {
        const details = new Metadata()
        details.set('reason', 'asked for')
        callback({ code: status.FAILED_PRECONDITION, details: 'it had to be, ü', metadata: details })
        return
      }
      const first = new Metadata()
      first.set('said', 'first')
      call.sendMetadata(first)
      const last = new Metadata()
      last.set('said-bin', Buffer.from([0, 255]))
      callback(null, { text: text.toUpperCase() }, last)
    },
    spell(call: ServerWritableStream<Word, Word>) {
      call.on('cancelled', () => seen.cancelled++)
      if (call.request.text === 'large') for (let i = 0; i < 200; i++) call.write({ text: 'x'.repeat(50_000) })
      else for (const letter of call.request.text) call.write({ text: letter })
      if (call.request.text !== 'endless') call.end()
    },
    join(call: ServerReadableStream<Word, Word>, callback: sendUnaryData<Word>) {
      const words: string[] = []
      call.on('data', ({ text }: Word) => words.push(text))
      call.on('end', () => callback(null, { text: words.join(' ') }))
    },
    talk(call: ServerDuplexStream<Word, Word>) {
      call.on('cancelled', () => seen.cancelled++)
      call.on('data', ({ text }: Word) => call.write({ text: `${text}?` }))
      call.on('end', () => call.end())
    },
  })
  const bound = await new Promise<number>((resolve, reject) => {
    const how = tls === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(null, [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) }]) // prettier-ignore
    server.bindAsync('127.0.0.1:0', how, (error, port) => (error === null ? resolve(port) : reject(error)))
  })
  closers.push(() => server.forceShutdown())
  return { port: bound, seen }
}

function client(at = gateway, authority?: string): WordsClient {
  const how = authority === undefined ? channelCredentials.createInsecure() : channelCredentials.createSsl(Buffer.from(authority)) // prettier-ignore
  const made = new Words(`127.0.0.1:${at.port}`, how) as unknown as WordsClient // see there
  closers.push(() => made.close())
  return made
}

function say(to: WordsClient, text: string, metadata = new Metadata(), options: { deadline?: number } = {}) {
  return new Promise<{ word: Word | undefined; error: ServiceError | null; first: Metadata; last: Metadata }>(
    (resolve) => {
      let first = new Metadata()
      let last = new Metadata()
      let outcome: { word: Word | undefined; error: ServiceError | null } | undefined
      const call = to.say({ text }, metadata, options, (error, word) => (outcome = { word, error }))
      call.on('metadata', (given: Metadata) => (first = given))
      call.on('status', ({ metadata: given }: { metadata: Metadata }) => {
        last = given
        setImmediate(() => resolve({ ...outcome!, first, last })) // the callback comes with the status
      })
    },
  )
}

/** Paths of gRPC are fixed by its services, so that the context path is the service's. */
const PATH = '/words.Words'
const grpcApi = (port: number, changes: object = {}) => api({ path: PATH, target: `grpc://127.0.0.1:${port}${PATH}`, ...changes }) // prettier-ignore

describe('gRPC through the gateway', () => {
  it('calls with one message each way carry metadata before and after (trailers, RFC 9110 §6.5)', async () => {
    const { port, seen } = await service()
    gateway.deploy(grpcApi(port))
    const metadata = new Metadata()
    metadata.set('mine', 'a')
    metadata.set('mine-bin', Buffer.from([1, 2]))
    const { word, error, first, last } = await say(client(), 'hello', metadata)
    expect(error).toBeNull()
    expect(word).toEqual({ text: 'HELLO' })
    expect(first.get('said')).toEqual(['first'])
    expect(last.get('said-bin')).toEqual([Buffer.from([0, 255])])
    expect(seen.metadata[0]).toMatchObject({ mine: 'a', 'mine-bin': Buffer.from([1, 2]), 'x-forwarded-host': `127.0.0.1:${gateway.port}` }) // prettier-ignore
    await expect.poll(() => gateway.records.at(-1)).toMatchObject({ method: 'POST', path: '/words.Words/Say', status: 200, outcome: 'answered' }) // prettier-ignore
  })

  it('an error of the service arrives with its code, words and metadata (Trailers-Only)', async () => {
    const { port } = await service()
    gateway.deploy(grpcApi(port))
    const { error, last } = await say(client(), 'fail')
    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details: 'it had to be, ü' })
    expect(last.get('reason')).toEqual(['asked for'])
  })

  it('messages stream from the service, from the client, and both ways at once', async () => {
    const { port } = await service()
    gateway.deploy(grpcApi(port))
    const to = client()
    const letters: string[] = []
    for await (const { text } of to.spell({ text: 'abc' }) as AsyncIterable<Word>) letters.push(text)
    expect(letters).toEqual(['a', 'b', 'c'])

    const joined = await new Promise<Word | undefined>((resolve, reject) => {
      const call = to.join(new Metadata(), (error, word) => (error === null ? resolve(word) : reject(error)))
      for (const text of ['one', 'two', 'three']) call.write({ text })
      call.end()
    })
    expect(joined).toEqual({ text: 'one two three' })

    const talk = to.talk()
    for (const text of ['who', 'why', 'when']) {
      talk.write({ text })
      // The answer to each comes before the next is said.
      expect(await once(talk, 'data')).toEqual([{ text: `${text}?` }])
    }
    talk.end()
    await once(talk, 'end')
  })

  it('many calls share one connection each side', async () => {
    const { port } = await service()
    gateway.deploy(grpcApi(port))
    const to = client()
    const words = await Promise.all(Array.from({ length: 300 }, (_, i) => say(to, `word ${i}`)))
    expect(words.map(({ word }) => word?.text)).toEqual(Array.from({ length: 300 }, (_, i) => `WORD ${i}`))
  })

  it('a large answer to a slow reader arrives whole, status and all', async () => {
    const { port } = await service()
    gateway.deploy(grpcApi(port))
    const call = client().spell({ text: 'large' })
    let received = 0
    let code: number | undefined
    call.on('status', (ended: { code: number }) => (code = ended.code))
    for await (const { text } of call as AsyncIterable<Word>) {
      received += text.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(received).toBe(10_000_000)
    expect(code).toBe(status.OK)
  })

  it('a call that is cancelled, or whose time is over, ends at the service', async () => {
    const { port, seen } = await service()
    gateway.deploy(grpcApi(port))
    const to = client()
    const endless = to.spell({ text: 'endless' })
    const failed = once(endless, 'error')
    await once(endless, 'data')
    endless.cancel()
    expect((await failed)[0]).toMatchObject({ code: status.CANCELLED })
    await expect.poll(() => seen.cancelled).toBe(1)
    const { error } = await say(to, 'never', new Metadata(), { deadline: Date.now() + 300 })
    expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    await expect.poll(() => seen.cancelled).toBe(2)
    expect(seen.deadlines[0]).toBeLessThan(Date.now() + 1000)
  })

  it('an API that wants a token lets in who has one, and refuses others in the words of gRPC', async () => {
    const { port, seen } = await service()
    gateway.deploy(securedApi({}, { path: PATH, target: `grpc://127.0.0.1:${port}${PATH}` }))
    const to = client()
    const refused = await say(to, 'hello')
    expect(refused.error).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: 'No OAuth authorization header was supplied',
    })
    const wrong = new Metadata()
    wrong.set('authorization', 'Bearer bad')
    expect((await say(to, 'hello', wrong)).error).toMatchObject({ code: status.UNAUTHENTICATED })
    expect(seen.metadata).toEqual([])
    const good = new Metadata()
    good.set('authorization', 'Bearer good')
    expect((await say(to, 'hello', good)).word).toEqual({ text: 'HELLO' })
    await expect.poll(() => gateway.records.map(({ status: each }) => each)).toEqual([401, 401, 200])
  })

  it('a service that is not there is told as unavailable, an unknown one as not implemented', async () => {
    const { port } = await service()
    gateway.deploy(grpcApi(1))
    const to = client()
    expect((await say(to, 'hello')).error).toMatchObject({ code: status.UNAVAILABLE })
    gateway.deploy(api({ path: '/other', target: `grpc://127.0.0.1:${port}` }))
    expect((await say(to, 'hello')).error).toMatchObject({ code: status.UNIMPLEMENTED })
  })

  it('an endpoint over HTTP/1.1 is told of as what is in the way, and its protocol as what helps', async () => {
    const { port } = await service()
    gateway.deploy(api({ path: PATH, target: `http://127.0.0.1:${port}${PATH}` }))
    expect((await say(client(), 'hello')).error).toMatchObject({ code: status.UNAVAILABLE })
    await expect
      .poll(() => gateway.records[0]?.refusal)
      .toMatchObject({
        key: 'GATEWAY_GRPC_WANTS_HTTP2',
        sentence: expect.stringContaining('needs HTTP/2; the endpoint default speaks HTTP/1.1') as string,
        remedies: [{ action: 'open-endpoints', protocolOf: 'default' }],
      })
  })

  it('goes over TLS on both sides', async () => {
    const tls = await testCredentials()
    const { port } = await service(tls)
    const secured = await startGateway(undefined, undefined, tls)
    closers.push(() => secured.close())
    secured.deploy(
      api({
        path: PATH,
        endpointGroups: [{ name: 'group', type: 'http-proxy', endpoints: [{ name: 'words', type: 'http-proxy', configuration: { target: `grpcs://127.0.0.1:${port}${PATH}` }, sharedConfigurationOverride: { ssl: { trustStore: { type: 'PEM', content: tls.authority } } } }] }], // prettier-ignore
      }),
    )
    expect((await say(client(secured, tls.authority), 'hello')).word).toEqual({ text: 'HELLO' })
  })
})
