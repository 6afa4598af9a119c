import { resolve } from 'node:path'
import { basic, startGatehouse } from './gatehouse.ts'
import { type Effort, type Measured, measure, type Target } from './load.ts'
import { start } from './process.ts'

const peer = (name: string) => resolve(import.meta.dirname, 'peers', `${name}.ts`)
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const body = 'grant_type=client_credentials&scope=read'

/** What of a domain the benchmark reads. */
interface Listed {
  readonly id: string
  readonly keys: readonly { readonly id: string; readonly algorithm: string }[]
}

/** Tokens by client_credentials, signed with `algorithm`; first is Gatehouse. oauth2-mock-server has no HS256. */
export async function benchTokens(algorithm: 'HS256' | 'RS256' | 'ES256', effort: Effort): Promise<Measured[]> {
  const gatehouse = await startGatehouse()
  const [domain] = await gatehouse.run<Listed[]>('domains.list', {})
  const key = domain!.keys.find((each) => each.algorithm === algorithm)
  if (key) await gatehouse.run('keys.makeDefault', { domainId: domain!.id, keyId: key.id })
  else await gatehouse.run('keys.add', { domainId: domain!.id, algorithm, makeDefault: true })
  const provider = await start(peer('oidc-provider'), algorithm)
  const mock = algorithm === 'HS256' ? undefined : await start(peer('oauth2-mock-server'), algorithm)
  const { clientId, clientSecret } = gatehouse.sample
  const targets: Target[] = [
    {
      name: 'gatehouse',
      subject: gatehouse,
      request: {
        url: `${gatehouse.authorization}/${gatehouse.sample.domain}/oauth/token`,
        method: 'POST',
        headers: { ...form, authorization: basic(clientId, clientSecret) },
        body,
      },
    },
    {
      name: 'oidc-provider',
      subject: provider,
      request: {
        url: `${provider.ready.address}/token`,
        method: 'POST',
        headers: { ...form, authorization: basic('bench', 'bench-secret') },
        body,
      },
    },
  ]
  if (mock) {
    targets.push({
      name: 'oauth2-mock-server',
      subject: mock,
      request: { url: `${mock.ready.address}/token`, method: 'POST', headers: form, body },
    })
  }
  try {
    return await measure(targets, effort)
  } finally {
    await Promise.all(targets.map(({ subject }) => subject.stop()))
  }
}
