/** The backend behind every gateway: answers any request, once it has all of it, with 1 kB of JSON; `/size/…` with so many bytes. */
import { createServer } from 'node:http'
import { ready } from './ready.ts'

const bodies = new Map<string, Buffer>()
function bodyOf(path: string): Buffer {
  const known = bodies.get(path)
  if (known) return known
  const bytes = Number(/\/size\/(\d+)$/.exec(path)?.[1] ?? 1011)
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(Math.max(0, bytes - 11)) }))
  bodies.set(path, body)
  return body
}

const server = createServer((request, response) => {
  const answer = () => {
    const body = bodyOf(request.url ?? '/')
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }
  if (request.method === 'GET') {
    request.resume()
    answer()
  } else request.resume().once('end', answer)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => ready(server.address()))
