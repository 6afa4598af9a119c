import { type X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect, type TLSSocket } from 'node:tls'
import { Agent, fetch, type RequestInit } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { splitCredentials, type Credentials } from '../../certificates/pem'
import { buildWorker } from '../../engine/testing/start-engine'
import { createTestClock, type TestClock } from '../clock.testing'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

export const DAY = 86_400_000
/** Extended key usage (RFC 5280 §4.2.1.12). */
export const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'
export const BOTH = { gateway: true, authorization: true }

/** For each test an empty workspace, served, with a clock that the test moves; and clients that trust what they are told to. To be called once in a file. */
export function withHttps() {
  let worker: Worker
  let served: ServedFolder
  let clock: TestClock
  const agents: Agent[] = []
  beforeAll(async () => {
    worker = await buildWorker()
  })
  afterAll(() => worker.remove())
  beforeEach(async () => {
    clock = createTestClock()
    served = await serveEmpty(worker, clock)
  })
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.destroy()
    await served.close()
    expect(served.faults).toEqual([])
  })

  const call: ServedFolder['now']['call'] = (name, input) => served.now.call(name, input)

  /** Where both servers are now. */
  const addresses = () => ({ gateway: served.now.gateway, authorization: served.now.authorization })

  /** fetch as a client that trusts what stands in the file, and nothing else. */
  async function clientTrusting(caFile: string | undefined) {
    const agent = new Agent({ connect: { ca: await readFile(caFile!, 'utf8') } })
    agents.push(agent)
    return (url: string, init: RequestInit = {}) => fetch(url, { ...init, dispatcher: agent })
  }

  /** The certificate that a server shows. */
  function shownAt(address: string): Promise<X509Certificate> {
    const { port } = new URL(address)
    return new Promise((resolve, reject) => {
      const socket: TLSSocket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()!)
        socket.destroy()
      }).on('error', reject)
    })
  }

  const pairOf = ({ certificate, key }: Partial<Credentials>) => ({
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  })

  const sealed = (id: string): Credentials => splitCredentials(served.now.store.secrets.get(id)!)!

  return { served: () => served, clock: () => clock, agents, call, addresses, clientTrusting, shownAt, pairOf, sealed }
}
