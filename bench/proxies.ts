import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Subject } from './process.ts'

/** Proxies that are no Node programs, each with one process and one thread, as every Node server here has for its requests. */
const PROXIES = {
  nginx: {
    version: ['nginx', '-v'],
    command: (file: string, folder: string) => ['nginx', '-c', file, '-p', folder, '-e', join(folder, 'error.log')],
    config: (port: number, backend: string, folder: string) => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_max_body_size 0;
  keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream backend { server ${backend}; keepalive 100; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  },
  haproxy: {
    version: ['haproxy', '-v'],
    command: (file: string) => ['haproxy', '-db', '-q', '-f', file],
    config: (port: number, backend: string) => `
global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server backend ${backend}
`,
  },
} as const

export type ProxyName = keyof typeof PROXIES
export const PROXY_NAMES = Object.keys(PROXIES) as ProxyName[]

/** Its version as it tells it; undefined where it is not installed. */
export function proxyVersion(name: ProxyName): string | undefined {
  const [command, ...args] = PROXIES[name].version
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return error === undefined ? /\d+(\.\d+)+/.exec(stdout + stderr)?.[0] : undefined
}

/**
 * Starts it in the foreground with a configuration of its own, on a free port of loopback.
 *
 * @param backend e.g. `http://127.0.0.1:40123`
 */
export async function startProxy(name: ProxyName, backend: string): Promise<Subject> {
  const { command, config } = PROXIES[name]
  const folder = mkdtempSync(join(tmpdir(), `gatehouse-bench-${name}-`))
  const port = await freePort()
  const file = join(folder, 'proxy.conf')
  writeFileSync(file, config(port, new URL(backend).host, folder))
  const startedAt = performance.now()
  const [program, ...args] = command(file, folder)
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${complaints}`)
    await wait(20)
  }
  return {
    pid: child.pid!,
    ready: { address: `http://127.0.0.1:${port}` },
    readyMs: performance.now() - startedAt,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('not listening on a TCP port')
  return address.port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
