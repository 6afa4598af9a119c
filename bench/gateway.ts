import { resolve } from 'node:path'
import { startGatehouse } from './gatehouse.ts'
import { type Effort, type Measured, measure, type Target } from './load.ts'
import { start, type Subject } from './process.ts'
import { deployProtections } from './protections.ts'
import { PROXY_NAMES, proxyVersion, startProxy } from './proxies.ts'

const peer = (name: string) => resolve(import.meta.dirname, 'peers', `${name}.ts`)

/** What each Gatehouse row is compared with; none of them checks anything. */
const NODE_PEERS = ['bare-relay', 'fastify-http-proxy', 'http-proxy']

export interface GatewayResults {
  /** Gatehouse's protections, then the peers, all in one run. */
  readonly protections: Measured[]
  readonly peers: Measured[]
  /** By direction and size; Gatehouse (oauth2, in process) is first. */
  readonly bodies: readonly { readonly title: string; readonly measured: Measured[] }[]
}

/** Every kind of protection against relays that check nothing, and bodies of several sizes through them. */
export async function benchGateway(effort: Effort, ofBodies: Effort): Promise<GatewayResults> {
  const started: Pick<Subject, 'stop'>[] = []
  const kept = <S extends Pick<Subject, 'stop'>>(subject: S): S => {
    started.push(subject)
    return subject
  }
  try {
    const backend = kept(await start(peer('backend'))).ready.address!
    const gatehouse = kept(await startGatehouse())
    const remote = kept(await startGatehouse())
    const protections = await deployProtections(gatehouse, remote, backend)
    const installed = PROXY_NAMES.filter((name) => proxyVersion(name) !== undefined)
    const peers: { name: string; subject: Subject }[] = []
    for (const name of NODE_PEERS) peers.push({ name, subject: kept(await start(peer(name), backend)) })
    for (const name of installed) peers.push({ name, subject: kept(await startProxy(name, backend)) })
    const [first] = protections
    const ours = protections.map(({ name, request }): Target => ({ name, subject: gatehouse, request }))
    const theirs = peers.map(({ name, subject }): Target => ({
      name,
      subject,
      request: { url: `${subject.ready.address}/echo`, headers: first!.request.headers },
    }))
    const measured = await measure([...ours, ...theirs], effort)
    const bodies = []
    for (const { title, size, sends, connections } of BODIES) {
      const targets = [ours[0]!, ...theirs.filter(({ name }) => name !== 'http-proxy')].map((target): Target => {
        const { url, headers = {} } = target.request
        const request = sends
          ? {
              url,
              method: 'POST' as const,
              headers: { ...headers, 'content-type': 'application/octet-stream' },
              body: 'x'.repeat(size),
            }
          : { url: target === ours[0] ? `${url}/size/${size}` : url.replace(/\/echo$/, `/size/${size}`), headers }
        return { ...target, request }
      })
      bodies.push({ title, measured: await measure(targets, { ...ofBodies, connections }) })
    }
    return {
      protections: measured.slice(0, ours.length),
      peers: measured.slice(ours.length),
      bodies,
    }
  } finally {
    await Promise.all(started.map((subject) => subject.stop()))
  }
}

/** Answers of 1 kB are what the protections are measured with. */
const BODIES = [
  { title: 'answers of 100 kB', size: 100_000, sends: false, connections: 50 },
  { title: 'answers of 10 MB', size: 10_000_000, sends: false, connections: 10 },
  { title: 'requests of 1 kB', size: 1000, sends: true, connections: 50 },
  { title: 'requests of 100 kB', size: 100_000, sends: true, connections: 50 },
  { title: 'requests of 10 MB', size: 10_000_000, sends: true, connections: 10 },
] as const
