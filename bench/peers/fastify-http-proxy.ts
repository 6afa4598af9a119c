/** @fastify/http-proxy as its readme sets it up, undici inside. */
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { ready } from './ready.ts'

const app = Fastify({ logger: false })
await app.register(proxy, { upstream: process.argv[2]!, undici: { connections: 100, pipelining: 1 } })
await app.listen({ port: 0, host: '127.0.0.1' })
ready(app.server.address())
