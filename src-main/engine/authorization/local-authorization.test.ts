import { afterEach, beforeEach, expect, it } from 'vitest'
import { application, domain, startTestServer, type TestServer } from './testing'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.stop())

it('asks for the credentials anew once the domain has changed, though they were accepted before', async () => {
  const client = { clientId: 'orders', clientSecret: 'wonderland' }
  const app = application(client)
  const lab = domain({ path: 'demo', applications: [app] })
  const statuses = async (token: string, ...versions: (typeof lab)[]) => {
    const found: number[] = []
    for (const version of versions) {
      await server.apply(version)
      for (let i = 0; i < 2; i++)
        found.push((await server.authorization.local.introspect('demo', client, token)).status)
    }
    return found
  }
  await server.apply(lab)
  const token = await server.token(lab)
  const rotated = { ...lab, applications: [application({ ...client, clientSecret: 'looking-glass' })] }
  const disabled = { ...lab, applications: [{ ...app, enabled: false }] }
  const gone = { ...lab, applications: [] }
  expect(await statuses(token, lab, rotated, lab, disabled, lab, gone, lab, { ...lab, enabled: false })).toEqual(
    [200, 401, 200, 401, 200, 401, 200, 404].flatMap((status) => [status, status]),
  )
})
