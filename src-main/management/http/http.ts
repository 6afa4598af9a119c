import { createHash, timingSafeEqual } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { operations } from '@shared/operations'
import type { Problem } from '@shared/problem'
import type { Management } from '../management'
import { internal } from '../problems'
import { streamEvents } from './event-stream'
import { openApiDocument } from './openapi'

/** Bytes of an operation's input: 48 MiB, for an API definition may be long, and stands in JSON once more. */
const BODY_LIMIT = 48 * 1024 * 1024

/**
 * The operations over HTTP: `GET /operations`, `POST /operations/<name>`, `GET /events`, `GET /openapi.json`. Every call wants the
 * bearer token. Answers only to loopback's names, so that no page of a browser reaches it under a name of its own (DNS
 * rebinding), and allows no other origin.
 */
export function createHttp(management: Management, token: string): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) => void answer(reply, notFound),
  })
  /** How to end each of the streams that are open. */
  const streams = new Set<() => void>()

  app.addHook('onRequest', (request, reply, done) => {
    if (!isLoopback(request.headers.host)) return void answer(reply, foreignHost)
    if (!bears(request.headers.authorization, token)) {
      void reply.header('WWW-Authenticate', 'Bearer realm="gatehouse"')
      return void answer(reply, unauthorized)
    }
    done()
  })
  // Whatever its type says, a body is taken for JSON or refused: a form of another page can send no JSON.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : (JSON.parse(String(body)) as unknown))
    } catch {
      done(Object.assign(new Error('not JSON'), { statusCode: 400 }))
    }
  })

  app.get('/operations', () =>
    Object.entries(operations).map(([name, { summary, input, output }]) => ({ name, summary, input, output })),
  )
  app.get('/openapi.json', (request) =>
    openApiDocument(management.version, `http://${request.headers.host ?? '127.0.0.1'}`),
  )
  app.post<{ Params: { name: string } }>('/operations/:name', async (request, reply) => {
    const result = await management.run(request.params.name, request.body ?? {})
    return result.ok ? reply.send(result.value) : answer(reply, result.problem)
  })
  app.get('/events', (_request, reply) => {
    reply.hijack()
    const end = streamEvents(management, reply.raw)
    streams.add(end)
    reply.raw.on('close', () => streams.delete(end))
  })

  app.setNotFoundHandler((request, reply) => {
    const allow = allowedMethod(request.url)
    if (allow === undefined) return answer(reply, notFound)
    void reply.header('Allow', allow)
    return answer(reply, { ...wrongMethod, remedy: `Use ${allow}.` })
  })
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    if (error.statusCode === 413) return answer(reply, tooLarge)
    if (error.statusCode === 415) return answer(reply, notJson)
    return answer(reply, error.statusCode === 400 ? malformed : internal)
  })
  app.addHook('preClose', (done) => {
    for (const end of streams) end()
    done()
  })
  return app
}

async function answer(reply: FastifyReply, problem: Problem): Promise<FastifyReply> {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }))
}

/** Compared by digest: equal lengths, constant time. */
function bears(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

function isLoopback(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host ?? '')
}

function allowedMethod(url: string): string | undefined {
  const path = url.split('?', 1)[0] ?? ''
  if (['/operations', '/events', '/openapi.json'].includes(path)) return 'GET'
  return /^\/operations\/[^/]+$/.test(path) ? 'POST' : undefined
}

const notFound: Problem = {
  key: 'NOT_FOUND',
  status: 404,
  title: 'There is nothing at this address',
  remedy: 'GET /openapi.json tells what there is.',
}
const unauthorized: Problem = {
  key: 'UNAUTHORIZED',
  status: 401,
  title: 'The management token is missing or not the right one',
  remedy: 'Send Authorization: Bearer with the managementToken of the ready line.',
}
const foreignHost: Problem = {
  key: 'FOREIGN_HOST',
  status: 403,
  title: 'The management answers on loopback only',
  remedy: 'Call it as 127.0.0.1 or localhost.',
}
const wrongMethod: Problem = { key: 'METHOD_NOT_ALLOWED', status: 405, title: 'This address does not take this method' }
const tooLarge: Problem = {
  key: 'TOO_LARGE',
  status: 413,
  title: `The input is larger than ${BODY_LIMIT / 1024 / 1024} MiB`,
  remedy: 'Send less.',
}
const notJson: Problem = {
  key: 'NOT_JSON',
  status: 415,
  title: 'An operation takes JSON',
  remedy: 'Send Content-Type: application/json.',
}
const malformed: Problem = {
  key: 'MALFORMED',
  status: 400,
  title: 'The body is not JSON',
  remedy: 'Send the input of the operation as a JSON object.',
}
