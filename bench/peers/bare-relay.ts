/** The least a gateway can do in Node: a Fastify catch-all that pipes undici's answer through, no policy, no routing. */
import Fastify from 'fastify'
import { Agent } from 'undici'
import { ready } from './ready.ts'

const backend = process.argv[2]!
const agent = new Agent({ connections: 100, pipelining: 1 })
const app = Fastify({ logger: false })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, _payload, done) => done(null))
app.all('/*', (request, reply) => {
  reply.hijack()
  const response = reply.raw
  agent.dispatch(
    {
      origin: backend,
      path: request.url,
      method: request.method as 'GET',
      headers: { ...request.headers, host: new URL(backend).host, connection: undefined },
      body: request.method === 'GET' || request.method === 'HEAD' ? null : request.raw,
    },
    {
      onRequestStart() {},
      onResponseStart(controller, status, headers) {
        delete headers.connection
        delete headers['keep-alive']
        response.writeHead(status, headers)
        response.on('drain', () => controller.resume())
      },
      onResponseData(controller, chunk) {
        // A client that has gone drains nothing: without this its backend connection would be held for good.
        if (!response.write(chunk) && !response.destroyed) controller.pause()
      },
      onResponseEnd() {
        response.end()
      },
      onResponseError() {
        response.destroy()
      },
    },
  )
})
await app.listen({ port: 0, host: '127.0.0.1' })
ready(app.server.address())
