import { resolve } from 'node:path'
import { getToken, pointSampleAt, startGatehouse } from './gatehouse.ts'
import { type Effort, type Measured, measure } from './load.ts'
import { start } from './process.ts'

const peer = (name: string) => resolve(import.meta.dirname, 'peers', `${name}.ts`)

/** The protected gateway (OAuth2 policy, introspection in process) against relays that check nothing; first is Gatehouse. */
export async function benchGateway(effort: Effort): Promise<Measured[]> {
  const backend = await start(peer('backend'))
  const target = backend.ready.address!
  const gatehouse = await startGatehouse()
  await pointSampleAt(gatehouse, target)
  const authorization = `Bearer ${await getToken(gatehouse)}`
  const peers = await Promise.all(
    ['bare-relay', 'fastify-http-proxy', 'http-proxy'].map(async (name) => ({
      name,
      subject: await start(peer(name), target),
    })),
  )
  try {
    return await measure(
      [
        {
          name: 'gatehouse, oauth2',
          subject: gatehouse,
          request: { url: `${gatehouse.gateway}/echo`, headers: { authorization } },
        },
        ...peers.map(({ name, subject }) => ({
          name,
          subject,
          request: { url: `${subject.ready.address}/echo`, headers: { authorization } },
        })),
      ],
      effort,
    )
  } finally {
    await Promise.all([gatehouse, backend, ...peers.map(({ subject }) => subject)].map((subject) => subject.stop()))
  }
}
