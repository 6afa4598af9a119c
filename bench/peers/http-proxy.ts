/** http-proxy with a keep-alive agent. */
import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'
import { ready } from './ready.ts'

const proxy = httpProxy.createProxyServer({
  target: process.argv[2]!,
  agent: new Agent({ keepAlive: true, maxSockets: 100 }),
})
const server = createServer((request, response) => proxy.web(request, response))
server.listen(0, '127.0.0.1', () => ready(server.address()))
