import { createServer, type Socket } from 'node:net'
import { buildConnector, type Dispatcher } from 'undici'
import { listenTo } from '../../testing'
import type { DispatchOptionsWithTrailers } from '../trailers'
import type { Http1Settings } from './http1-connection'
import { Http1Upstream } from './http1-upstream'

/** A request as a backend of raw bytes hears it. */
export interface Heard {
  readonly socket: Socket
  /** Of the connection, counted from 1. */
  readonly connection: number
  readonly method: string
  readonly path: string
  readonly head: string
}

export interface RawBackend {
  readonly port: number
  readonly sockets: readonly Socket[]
  close(): Promise<void>
}

/** A backend that says what it likes; bodies of requests are let go by. */
export async function rawBackend(answer: (heard: Heard) => void): Promise<RawBackend> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = sockets.push(socket)
    let open = ''
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('data', (chunk) => {
      open += chunk.toString('latin1')
      for (;;) {
        const head = /(?:^|\r\n)([A-Z]+) (\S+) HTTP\/1\.1\r\n(?:[^]*?\r\n)?\r\n/.exec(open)
        if (head === null) return
        open = open.slice(head.index + head[0].length)
        answer({ socket, connection, method: head[1]!, path: head[2]!, head: head[0] })
      }
    })
  })
  const { port, close } = await listenTo(server)
  return { port, sockets, close }
}

/** An answer that says which connection it came by, to which request. */
export const own = ({ connection, path }: Pick<Heard, 'connection' | 'path'>): string => {
  const body = `${connection} ${path}`
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

export const SETTINGS: Http1Settings = {
  headersTimeout: 20_000,
  bodyTimeout: 20_000,
  keepAliveTimeout: 20_000,
  maxHeaderSize: 64 * 1024,
  host: 'backend.test',
  keepsAlive: true,
}

export function upstreamTo(
  { port }: Pick<RawBackend, 'port'>,
  settings: Partial<Http1Settings> = {},
  most: number | null = null,
  connector: buildConnector.connector = buildConnector({ timeout: 2000 }),
): Http1Upstream {
  return new Http1Upstream(new URL(`http://127.0.0.1:${port}`), connector, { ...SETTINGS, ...settings }, most)
}

/** All that a handler was told of one request. */
export interface Told {
  readonly interim: number[]
  status: number
  headers: Record<string, unknown>
  body: string
  trailers: Record<string, unknown>
  error: Error | undefined
  /** How often it was told of an end, an error or an upgrade: once, if all is well. */
  over: number
  /** Whether anything was told after that. */
  more: boolean
}

/** What a test does in the course of a request. */
export interface Doing {
  start?(controller: Dispatcher.DispatchController): void
  head?(controller: Dispatcher.DispatchController, status: number): void
  data?(controller: Dispatcher.DispatchController, chunk: Buffer): void
  end?(): void
  error?(): void
  upgraded?(socket: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]): void
}

/** Sends a request and waits until it is over, in whichever way. */
export function ask(
  upstream: Dispatcher,
  path: string,
  options: Partial<Omit<DispatchOptionsWithTrailers, 'method'>> & { readonly method?: string } = {},
  doing: Doing = {},
): Promise<Told> {
  return new Promise((resolve) => {
    const told: Told = { interim: [], status: 0, headers: {}, body: '', trailers: {}, error: undefined, over: 0, more: false } // prettier-ignore
    const over = () => {
      told.over++
      resolve(told)
    }
    const during = () => void (told.more ||= told.over > 0)
    upstream.dispatch(
      { path, headers: [], ...options, method: (options.method ?? 'GET') as Dispatcher.HttpMethod }, // whichever a test wants
      {
        onRequestStart: (controller) => doing.start?.(controller),
        onResponseStart(controller, status, headers) {
          during()
          if (status < 200) told.interim.push(status)
          else Object.assign(told, { status, headers: { ...headers } })
          doing.head?.(controller, status)
        },
        onResponseData(controller, chunk) {
          during()
          told.body += chunk.toString('latin1')
          doing.data?.(controller, chunk)
        },
        onResponseEnd(_controller, trailers) {
          told.trailers = { ...trailers }
          over()
          doing.end?.()
        },
        onResponseError(_controller, error) {
          told.error = error
          over()
          doing.error?.()
        },
        onRequestUpgrade(_controller, status, headers, socket) {
          Object.assign(told, { status, headers: { ...headers } })
          over()
          doing.upgraded?.(socket)
        },
      },
    )
  })
}
