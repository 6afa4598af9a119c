/** The backend behind every gateway: answers any request with the same 1 kB of JSON. */
import { createServer } from 'node:http'
import { ready } from './ready.ts'

const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(1000) }))
const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => ready(server.address()))
