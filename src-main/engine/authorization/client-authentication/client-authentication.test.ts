import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientAuthenticationMethod } from '@shared/domain'
import { application, TRACE_HEADER, type TestApplication } from '../testing'
import { TOKEN, GRANT, LONG_SECRET, SIGNER, MAC, PUBLIC, withClients } from './testing'

const { server, apply, assertionOf, present, reason } = withClients()

describe('an application authenticates as it is set to, and in no other way', () => {
  const ways: Record<string, () => Promise<Response>> = {
    client_secret_basic: () => server().post(TOKEN, GRANT, { ...MAC, clientSecret: LONG_SECRET }),
    client_secret_post: () => server().post(TOKEN, { ...GRANT, client_id: MAC.clientId, client_secret: LONG_SECRET }),
    client_secret_jwt: async () => present(await assertionOf({ key: LONG_SECRET })),
    private_key_jwt: async () => present(await assertionOf()),
    none: () => server().post(TOKEN, { ...GRANT, client_id: MAC.clientId }),
  }
  const methods = Object.keys(ways) as ClientAuthenticationMethod[]
  const pairs = methods.flatMap((set) => methods.map((used) => [set, used] as const))

  it.each(pairs)('set to %s, using %s', async (set, used) => {
    await apply({ ...MAC, authenticationMethods: [set], jwks: SIGNER.jwks })
    const response = await ways[used]!()
    if (set === used && set !== 'none') return expect(response.status).toBe(200)
    if (set === used) return expect(reason()?.key).toBe('GRANT_TYPE_NOT_FOR_PUBLIC_CLIENTS')
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: 'invalid_client' })
    expect(reason()).toMatchObject({
      key: used === 'none' ? 'CLIENT_SECRET_MISSING' : 'CLIENT_METHOD_NOT_ALLOWED',
      sentence: `Application Orders service authenticates by ${set}, and this request by ${used}`,
      remedies: [{ action: 'open-application', clientId: MAC.clientId }],
    })
  })

  it('also when the gateway asks in process', async () => {
    await apply({ ...MAC, authenticationMethods: ['client_secret_post'] })
    expect(await server().authorization.local.introspect('orders', MAC, 'x')).toMatchObject({
      status: 401,
      reason: 'Application Orders service authenticates by client_secret_post, and this request by client_secret_basic',
    })
  })

  it('with any of its secrets, and the trace says which one it was', async () => {
    const expired = { id: 'secret-3', name: 'Of last year', secret: 'old', expiresAt: Date.now() }
    const secrets = [
      { id: 'secret-1', secret: 'new' },
      { id: 'secret-2', name: 'Until the roll-out', secret: 'newer', expiresAt: Date.now() + 60_000 },
      expired,
    ]
    await apply(application({ secrets }))
    const shown = []
    for (const { secret: clientSecret } of secrets) {
      await server().post(TOKEN, GRANT, { clientId: MAC.clientId, clientSecret }, TRACE_HEADER)
      const { trace, refusal } = server().records.at(-1)!
      shown.push(refusal?.key ?? trace![1]!.evidence[1]!.value)
    }
    expect(shown).toEqual(['secret-1', 'Until the roll-out', 'CLIENT_SECRET_EXPIRED'])
    expect(reason()?.evidence).toContainEqual({ label: 'Secret', value: 'Of last year' })
  })
})

describe('a public client (RFC 6749 §2.1)', () => {
  beforeEach(() => apply(PUBLIC))
  const clientId = { client_id: PUBLIC.clientId }

  it('may revoke, and may not ask about tokens (RFC 7009 §2.1, RFC 7662 §2.1)', async () => {
    expect((await server().post('/orders/oauth/revoke', { ...clientId, token: 'x' })).status).toBe(200)
    expect((await server().post('/orders/oauth/introspect', { ...clientId, token: 'x' })).status).toBe(401)
    expect(reason()?.key).toBe('PUBLIC_CLIENT_REFUSED')
  })

  it('gets no token for itself (RFC 6749 §4.4)', async () => {
    const response = await server().post(TOKEN, { ...GRANT, ...clientId })
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'unauthorized_client' }])
  })

  it('is refused with a secret, when it is disabled, and when nobody has its id; the caller cannot tell which', async () => {
    const attempts: [TestApplication, Record<string, string>, string][] = [
      [{ ...PUBLIC, enabled: false }, clientId, 'APPLICATION_DISABLED'],
      [PUBLIC, { client_id: 'nobody' }, 'CLIENT_UNKNOWN'],
    ]
    const told = []
    for (const [of, form, key] of attempts) {
      await apply(of)
      const response = await server().post('/orders/oauth/revoke', { ...form, token: 'x' })
      told.push([response.status, await response.text()])
      expect(reason()?.key).toBe(key)
    }
    expect(told[0]).toEqual(told[1])
    await apply(PUBLIC)
    expect((await server().post('/orders/oauth/revoke', { ...clientId, client_secret: 'x', token: 'x' })).status).toBe(
      401,
    )
    expect(reason()?.key).toBe('CLIENT_METHOD_NOT_ALLOWED')
  })
})
