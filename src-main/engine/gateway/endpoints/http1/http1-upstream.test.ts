import { once } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough, Readable, type Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { Http1Upstream } from './http1-upstream'
import { ask, own, rawBackend, upstreamTo, type Heard, type RawBackend } from './upstream.testing'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function backendThat(answer: (heard: Heard) => void): Promise<RawBackend> {
  const backend = await rawBackend(answer)
  closers.push(backend.close)
  return backend
}

function to(...how: Parameters<typeof upstreamTo>): Http1Upstream {
  const upstream = upstreamTo(...how)
  closers.push(() => upstream.close())
  return upstream
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const sized = (body: string, more = '') => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
/** Each path by its own script; others are answered as they ask. */
const scripted = (scripts: Record<string, (heard: Heard) => void>) =>
  backendThat((heard) => (scripts[heard.path] ?? (({ socket }) => socket.write(own(heard))))(heard))

describe('words that nobody asked for never reach another request (RFC 9112 §11.2)', () => {
  const evil = sized('evil')

  it.each([
    ['a body with a length', sized('ok')],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['an empty body', sized('')],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ])('behind %s, whether the handler holds back and goes on or not', async (_what, answer) => {
    const backend = await scripted({ '/first': ({ socket }) => socket.write(answer + evil) })
    for (const doing of [
      {},
      { head: (controller: Dispatcher.DispatchController) => controller.resume() },
      {
        head: (controller: Dispatcher.DispatchController) => {
          controller.pause()
          controller.resume()
        },
        data: (controller: Dispatcher.DispatchController) => {
          controller.pause()
          controller.resume()
        },
      },
      {
        head: (controller: Dispatcher.DispatchController) => {
          controller.pause()
          setImmediate(() => controller.resume())
        },
      },
    ]) {
      const upstream = to(backend, {}, 1)
      const [first, victim] = await Promise.all([ask(upstream, '/first', {}, doing), ask(upstream, '/victim')])
      expect(first).toMatchObject({ error: undefined, over: 1, more: false })
      expect(victim.body).toMatch(/^\d+ \/victim$/)
    }
  })

  it('that come while the answer is held back', async () => {
    let heard: Heard | undefined
    const backend = await scripted({ '/first': (each) => (heard = each).socket.write(sized('ok')) })
    const upstream = to(backend, {}, 1)
    let controller: Dispatcher.DispatchController | undefined
    const first = ask(upstream, '/first', {}, { data: (each) => (controller = each).pause() })
    const victim = ask(upstream, '/victim')
    await expect.poll(() => controller).toBeDefined()
    await new Promise((resolve) => heard!.socket.write(evil, resolve))
    for (let turns = 0; turns < 5; turns++) await turn()
    controller!.resume()
    expect(await first).toMatchObject({ body: 'ok', error: undefined })
    expect((await victim).body).toBe('2 /victim')
  })

  it('that have come when the next request does, though nobody has looked yet', async () => {
    const backend = await scripted({})
    const upstream = to(backend)
    expect((await ask(upstream, '/first')).body).toBe('1 /first')
    for (let round = 1; round < 20; round++) {
      // From here both are done before the loop looks at any socket.
      await turn()
      backend.sockets.at(-1)!.write(evil)
      expect((await ask(upstream, '/victim')).body).toBe(`${round + 1} /victim`)
    }
  })
})

describe('a backend that ends its connections without saying so', () => {
  it('is asked again by another connection, each request once', async () => {
    const heard: string[] = []
    const backend = await backendThat((each) => {
      heard.push(each.path)
      each.socket.end(own(each))
    })
    const upstream = to(backend, {}, 1)
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`)
    const told = await Promise.all(paths.map((path) => ask(upstream, path, { method: 'POST', body: 'x' })))
    expect(told.map(({ body }) => body)).toEqual(paths.map((path, index) => `${index + 1} ${path}`))
    expect(heard).toEqual(paths)
  })

  it('has all that it said passed on, when it was held back meanwhile', async () => {
    const body = 'x'.repeat(300_000)
    const backend = await scripted({
      '/sized': ({ socket }) => socket.end(sized(body)),
      '/rest': ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${body}`),
      '/chunked': ({ socket }) =>
        socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`), // prettier-ignore
    })
    const upstream = to(backend, {}, 1)
    const later = (controller: Dispatcher.DispatchController) => {
      controller.pause()
      setImmediate(() => setImmediate(() => controller.resume()))
    }
    const paths = ['/sized', '/rest', '/chunked']
    const told = await Promise.all(paths.map((path) => ask(upstream, path, {}, { head: later, data: later })))
    for (const each of told) expect(each).toMatchObject({ status: 200, error: undefined, over: 1, more: false })
    expect(told.map((each) => each.body === body)).toEqual([true, true, true])
    expect((await ask(upstream, '/next')).body).toMatch(/ \/next$/)
  })

  it('by a break, with the end of its answer held back, does not take the next request down with it', async () => {
    let heard: Heard | undefined
    const backend = await scripted({ '/first': (each) => (heard = each).socket.write(sized('ok')) })
    const upstream = to(backend, {}, 1)
    let controller: Dispatcher.DispatchController | undefined
    const first = ask(upstream, '/first', {}, { head: (each) => (controller = each).pause() })
    const next = ask(upstream, '/next', { method: 'POST' })
    await expect.poll(() => controller).toBeDefined()
    heard!.socket.resetAndDestroy()
    for (let turns = 0; turns < 5; turns++) await turn()
    controller!.resume()
    expect(await first).toMatchObject({ body: 'ok', error: undefined, over: 1 })
    expect((await next).body).toBe('2 /next')
  })

  it('by a break in the middle of an answer that is held back is told of when that goes on', async () => {
    let heard: Heard | undefined
    const backend = await scripted({
      '/': (each) => (heard = each).socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    })
    let controller: Dispatcher.DispatchController | undefined
    const told = ask(to(backend), '/', {}, { head: (each) => (controller = each).pause() })
    await expect.poll(() => controller).toBeDefined()
    heard!.socket.resetAndDestroy()
    for (let turns = 0; turns < 5; turns++) await turn()
    controller!.resume()
    expect(await told).toMatchObject({ body: 'half', error: { code: 'ECONNRESET' }, over: 1 })
  })
})

describe('an answer that is held back', () => {
  it('at its very last piece has its end held back too, and the connection is used again after it', async () => {
    const backend = await scripted({})
    const upstream = to(backend)
    let ended = false
    let endedWhileHeld: boolean | undefined
    await ask(upstream, '/first', {}, {
      data(controller) {
        controller.pause()
        setImmediate(() => {
          endedWhileHeld = ended
          controller.resume()
        })
      },
      end: () => void (ended = true),
    }) // prettier-ignore
    expect(endedWhileHeld).toBe(false)
    expect((await ask(upstream, '/next')).body).toBe('1 /next')
  })

  it('from before it is sent comes when it goes on', async () => {
    const backend = await scripted({})
    let controller: Dispatcher.DispatchController | undefined
    let early = false
    const told = ask(to(backend), '/', {}, {
      start: (each) => (controller = each).pause(),
      head: () => void (early ||= controller?.paused === true),
    }) // prettier-ignore
    await expect.poll(() => backend.sockets[0]?.bytesWritten).toBeGreaterThan(0)
    for (let turns = 0; turns < 5; turns++) await turn()
    controller!.resume()
    expect(await told).toMatchObject({ body: '1 /', error: undefined })
    expect(early).toBe(false)
  })
})

describe('a request that is given up', () => {
  const stop = (controller: Dispatcher.DispatchController) => controller.abort(new Error('Given up'))

  it.each([
    ['before it is sent', { start: stop }],
    ['at the head', { head: stop }],
    ['at the first of the body', { data: stop }],
    ['while it is held back', { head: (controller: Dispatcher.DispatchController) => (controller.pause(), setImmediate(stop, controller)) }], // prettier-ignore
    ['by a handler that throws at its start', { start: () => broken() }],
    ['by a handler that throws at the head', { head: () => broken() }],
    ['by a handler that throws at the body', { data: () => broken() }],
    ['by a handler that throws whatever it hears', { head: () => broken(), error: () => broken() }],
  ])('%s hears nothing more, and the next one is answered', async (_when, doing) => {
    const backend = await scripted({ '/first': ({ socket }) => socket.write(sized('x'.repeat(200_000))) })
    const upstream = to(backend, {}, 1)
    const first = await ask(upstream, '/first', {}, doing)
    expect(first.error).toBeInstanceOf(Error)
    expect((await ask(upstream, '/next')).body).toMatch(/ \/next$/)
    expect(first).toMatchObject({ over: 1, more: false })
  })

  it('while it waits for a connection leaves that to the next', async () => {
    let heard: Heard | undefined
    const backend = await scripted({ '/first': (each) => void (heard = each) })
    const upstream = to(backend, {}, 1)
    const first = ask(upstream, '/first')
    let controller: Dispatcher.DispatchController | undefined
    const second = ask(upstream, '/second', {}, { start: (each) => void (controller = each) })
    const third = ask(upstream, '/third')
    await expect.poll(() => heard).toBeDefined()
    stop(controller!)
    expect(await second).toMatchObject({ error: { message: 'Given up' }, over: 1 })
    heard!.socket.write(sized('ok'))
    expect((await first).body).toBe('ok')
    expect((await third).body).toBe('1 /third')
  })

  it('while the connection is made leaves it to others', async () => {
    const backend = await scripted({})
    const upstream = to(backend)
    expect(await ask(upstream, '/first', {}, { start: (each) => void process.nextTick(stop, each) })).toMatchObject({ over: 1 }) // prettier-ignore
    expect((await ask(upstream, '/next')).body).toBe('1 /next')
  })
})

function broken(): never {
  throw new Error('A broken handler')
}

describe('a request that cannot be written', () => {
  it.each<[string, Parameters<typeof ask>[1], Parameters<typeof ask>[2]]>([
    ['a target with a space', '/a b', {}],
    ['a target with a line end', '/a\r\nX: y', {}],
    ['a target beyond a byte', '/\u{1f600}', {}],
    ['no target', '', {}],
    ['a method that is none', '/', { method: 'GE T' }],
    ['a name with a space', '/', { headers: ['a b', 'c'] }],
    ['a name without one', '/', { headers: ['', 'c'] }],
    ['a line end in a value', '/', { headers: ['a', 'b\r\nc: d'] }],
    ['NUL in a value', '/', { headers: ['a', 'b\0'] }],
    ['a value beyond a byte', '/', { headers: ['a', '\u{1f600}'] }],
    ['framing in other letters', '/', { headers: ['Transfer-Encoding', 'chunked'] }],
    ['a body that is none', '/', { method: 'POST', body: { length: 5 } as unknown as string }],
    ['a length that is none', '/', { method: 'POST', headers: ['content-length', '0x5'], body: Readable.from([Buffer.from('hello')]) }], // prettier-ignore
    ['a negative length', '/', { method: 'POST', headers: ['content-length', '-5'], body: Readable.from([Buffer.from('hello')]) }], // prettier-ignore
  ])('for %s fails alone, and nothing of it is sent', async (_why, path, options) => {
    const heard: string[] = []
    const backend = await backendThat((each) => {
      heard.push(each.head)
      each.socket.write(own(each))
    })
    const upstream = to(backend, {}, 1)
    const [before, told, after] = await Promise.all([ask(upstream, '/before'), ask(upstream, path, options), ask(upstream, '/after')]) // prettier-ignore
    expect(told).toMatchObject({ error: { code: 'UND_ERR_INVALID_ARG' }, over: 1 })
    expect([before.body, after.body]).toEqual(['1 /before', '1 /after'])
    expect(heard.join('')).toMatch(/^GET \/before [^]*\r\n\r\nGET \/after /)
  })

  it('in great number is told so to each', async () => {
    const backend = await scripted({})
    const upstream = to(backend, {}, 1)
    const told = await Promise.all(Array.from({ length: 20_000 }, () => ask(upstream, '/a b')))
    expect(told.every(({ over, error }) => over === 1 && error !== undefined)).toBe(true)
    expect((await ask(upstream, '/next')).body).toBe('1 /next')
  })
})

describe('a body of a request', () => {
  const posted = (body: Readable, headers: string[] = []) => ({ method: 'POST', body, headers })

  it('that the backend does not wait for has its answer, and the connection carries nothing more (RFC 9112 §9.3)', async () => {
    const backend = await scripted({ '/first': (heard) => heard.socket.write(own(heard)) })
    const upstream = to(backend, {}, 1)
    const body = new PassThrough()
    body.write('begin')
    expect((await ask(upstream, '/first', posted(body, ['content-length', '100']))).body).toBe('1 /first')
    expect((await ask(upstream, '/next')).body).toBe('2 /next')
    // What is left of it is let go.
    body.end('x'.repeat(300_000))
    await once(body, 'end')
  })

  it('that the backend does not read ends in time', async () => {
    const backend = await scripted({ '/first': ({ socket }) => void socket.pause() })
    const upstream = to(backend, { headersTimeout: 50 }, 1)
    const endless = new Readable({ read: () => void endless.push(Buffer.alloc(65_536)) })
    expect(await ask(upstream, '/first', posted(endless))).toMatchObject({ error: { code: 'UND_ERR_HEADERS_TIMEOUT' } })
    endless.destroy()
  })

  it('that was written but not taken keeps the next request from the connection', async () => {
    const backend = await scripted({
      '/first': (heard) => {
        heard.socket.pause()
        heard.socket.write(own(heard))
      },
    })
    const upstream = to(backend, {}, 1)
    const body = Buffer.alloc(16 * 1024 * 1024, 'x')
    expect((await ask(upstream, '/first', { method: 'POST', body })).body).toBe('1 /first')
    expect((await ask(upstream, '/next')).body).toBe('2 /next')
  })

  it.each([
    ['shorter', '9'],
    ['longer', '2'],
  ])('that is %s than its length fails', async (_how, length) => {
    const backend = await scripted({ '/first': () => undefined })
    const body = Readable.from([Buffer.from('begin')])
    expect(await ask(to(backend), '/first', posted(body, ['content-length', length]))).toMatchObject({ error: { code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' }, over: 1 }) // prettier-ignore
  })
})

describe('time', () => {
  it('for an answer is one for all of its head, however it trickles', async () => {
    let trickle: NodeJS.Timeout | undefined
    closers.push(() => clearInterval(trickle))
    const backend = await scripted({
      '/': ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nX: ')
        trickle = setInterval(() => socket.write('x'), 10)
      },
    })
    expect(await ask(to(backend, { headersTimeout: 100 }), '/')).toMatchObject({ error: { code: 'UND_ERR_HEADERS_TIMEOUT' }, over: 1 }) // prettier-ignore
  })

  it('for the next part of a body ends, and does not while the answer is held back', async () => {
    const backend = await scripted({ '/': ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf') }) // prettier-ignore
    const upstream = to(backend, { bodyTimeout: 50 })
    expect(await ask(upstream, '/')).toMatchObject({ body: 'half', error: { code: 'UND_ERR_BODY_TIMEOUT' }, over: 1 })
    let timedOut = false
    let timedOutWhileHeld: boolean | undefined
    const told = await ask(upstream, '/', {}, {
      head(controller) {
        controller.pause()
        setTimeout(() => {
          timedOutWhileHeld = timedOut
          controller.resume()
        }, 120)
      },
      error: () => void (timedOut = true),
    }) // prettier-ignore
    expect(told).toMatchObject({ body: 'half', error: { code: 'UND_ERR_BODY_TIMEOUT' } })
    expect(timedOutWhileHeld).toBe(false)
  })

  it('for the next part of a body is without end where that is 0', async () => {
    const backend = await scripted({
      '/': ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nha')
        setTimeout(() => socket.write('lf.'), 30)
      },
    })
    expect(await ask(to(backend, { bodyTimeout: 0 }), '/')).toMatchObject({ body: 'half.', error: undefined })
  })

  it.each([
    ['its own time', { keepAliveTimeout: 30 }, ''],
    ['the backend’s time, and a second less', { keepAliveTimeout: 20_000 }, 'Keep-Alive: timeout=1, max=5\r\n'],
  ])('unused ends a connection after %s', async (_whose, settings, more) => {
    const backend = await scripted({ '/first': ({ socket }) => socket.write(sized('ok', more)) })
    const upstream = to(backend, settings)
    expect((await ask(upstream, '/first')).body).toBe('ok')
    await expect.poll(() => backend.sockets[0]?.closed).toBe(true)
    expect((await ask(upstream, '/next')).body).toBe('2 /next')
  })
})

describe('a connection that cannot be made', () => {
  it('fails each request that waits for one, once', async () => {
    const backend = await scripted({})
    await backend.close()
    const told = await Promise.all(Array.from({ length: 30 }, () => ask(to(backend, {}, 4), '/')))
    for (const each of told) expect(each).toMatchObject({ error: { code: 'ECONNREFUSED' }, over: 1, more: false })
  })

  it('harms nothing when its handlers are broken, and so it is with time that is over', async () => {
    const silent = await backendThat(() => undefined)
    const gone = await scripted({})
    await gone.close()
    for (const upstream of [to(silent, { headersTimeout: 20 }, 1), to(gone, {}, 1)]) {
      const told = await Promise.all(Array.from({ length: 3 }, () => ask(upstream, '/', {}, { error: broken })))
      for (const each of told) expect(each).toMatchObject({ error: expect.any(Error) as Error, over: 1 })
    }
  })

  it('because the way there is broken fails its requests, and nothing else', async () => {
    const backend = await scripted({})
    const upstream = to(backend, {}, 1, () => broken())
    const told = await Promise.all(Array.from({ length: 5 }, () => ask(upstream, '/')))
    for (const each of told) expect(each).toMatchObject({ error: { message: 'A broken handler' }, over: 1 })
  })
})

describe('to close', () => {
  it('waits for what runs and what waits, and leaves nothing open', async () => {
    const waiting: Heard[] = []
    const backend = await backendThat((heard) => void waiting.push(heard))
    const upstream = upstreamTo(backend, {}, 2)
    const told = Promise.all(['/1', '/2', '/3', '/4', '/5'].map((path) => ask(upstream, path)))
    await expect.poll(() => waiting.length).toBe(2)
    let closed = false
    const closing = upstream.close().then(() => (closed = true))
    await turn()
    expect(closed).toBe(false)
    for (let answered = 0; answered < 5; answered++) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0)
      const heard = waiting.shift()!
      heard.socket.write(own(heard))
    }
    expect((await told).map(({ body }) => body.split(' ')[1])).toEqual(['/1', '/2', '/3', '/4', '/5'])
    await closing
    await expect.poll(() => backend.sockets.every((socket) => socket.closed)).toBe(true)
  })

  it('ends connections that nobody uses', async () => {
    const backend = await scripted({})
    const upstream = upstreamTo(backend)
    await ask(upstream, '/')
    await upstream.close()
    await expect.poll(() => backend.sockets.map((socket) => socket.closed)).toEqual([true])
  })
})

describe('an upgrade (RFC 9110 §7.8)', () => {
  const agreed = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const upgrade = { upgrade: 'websocket' }

  it('hands over what stood right behind the answer, and what comes after it', async () => {
    const backend = await scripted({ '/': ({ socket }) => socket.write(`${agreed}first `) })
    let upstream: Duplex | undefined
    const told = await ask(to(backend), '/', upgrade, { upgraded: (socket) => void (upstream = socket) })
    expect(told).toMatchObject({ status: 101, over: 1 })
    let said = ''
    upstream!.on('data', (chunk: Buffer) => (said += chunk.toString())).resume()
    backend.sockets[0]!.write('second')
    await expect.poll(() => said).toBe('first second')
    upstream!.destroy()
  })

  it('behind an interim answer that was held back is handed over when that goes on', async () => {
    const backend = await scripted({
      '/': ({ socket }) => socket.write(`HTTP/1.1 103 Early Hints\r\n\r\n${agreed}first`),
    })
    const told = await ask(to(backend), '/', upgrade, {
      head(controller) {
        controller.pause()
        setImmediate(() => controller.resume())
      },
      upgraded: (socket) => void socket.destroy(),
    })
    expect(told).toMatchObject({ interim: [103], status: 101, over: 1 })
  })

  it('before the request is whole is none', async () => {
    const backend = await scripted({ '/': ({ socket }) => socket.write(agreed) })
    const body = new PassThrough()
    body.write('begin')
    const told = await ask(to(backend), '/', { ...upgrade, body })
    expect(told).toMatchObject({ status: 0, error: { code: 'ERR_GATEHOUSE_ANSWER' }, over: 1 })
    body.destroy()
  })

  it('survives a break before anybody listens', async () => {
    const backend = await scripted({ '/': ({ socket }) => socket.write(agreed) })
    const told = ask(to(backend), '/', upgrade, { upgraded: () => undefined })
    await told
    const socket: Socket = backend.sockets[0]!
    socket.resetAndDestroy()
    for (let turns = 0; turns < 5; turns++) await turn()
    expect(await told).toMatchObject({ over: 1 })
  })

  it('that is refused is an answer like others, and the connection goes on', async () => {
    const backend = await scripted({})
    const upstream = to(backend)
    expect((await ask(upstream, '/', upgrade)).body).toBe('1 /')
    expect((await ask(upstream, '/next')).body).toBe('1 /next')
  })
})
