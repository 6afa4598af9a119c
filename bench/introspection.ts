import { resolve } from 'node:path'
import { basic, getToken, startGatehouse } from './gatehouse.ts'
import { type Effort, type Measured, measure, type Target } from './load.ts'
import { start } from './process.ts'
import { FORM, signWith } from './tokens.ts'

/**
 * Introspection of one token over HTTP: of Gatehouse a JWT signed with RS256; of oidc-provider one that it keeps, since it introspects no JWTs.
 * First is Gatehouse.
 */
export async function benchIntrospection(effort: Effort): Promise<Measured[]> {
  const gatehouse = await startGatehouse()
  const provider = await start(resolve(import.meta.dirname, 'peers/oidc-provider.ts'), 'RS256', 'opaque')
  try {
    await signWith(gatehouse, 'RS256')
    const { authorization, sample } = gatehouse
    const peerClient = basic('bench', 'bench-secret')
    const response = await fetch(`${provider.ready.address}/token`, {
      method: 'POST',
      headers: { authorization: peerClient },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'read' }),
    })
    const { access_token } = (await response.json()) as { access_token: string }
    const introspection = (url: string, client: string, token: string): Target['request'] => ({
      url,
      method: 'POST',
      headers: { ...FORM, authorization: client },
      body: new URLSearchParams({ token }).toString(),
    })
    const ours = introspection(
      `${authorization}/${sample.domain}/oauth/introspect`,
      basic(sample.clientId, sample.clientSecret),
      await getToken(gatehouse),
    )
    const theirs = introspection(`${provider.ready.address}/token/introspection`, peerClient, access_token)
    await Promise.all([ours, theirs].map(requireActive))
    return await measure(
      [
        { name: 'gatehouse', subject: gatehouse, request: ours },
        { name: 'oidc-provider', subject: provider, request: theirs },
      ],
      effort,
    )
  } finally {
    await Promise.all([gatehouse.stop(), provider.stop()])
  }
}

/** An answer that the token is not active would be quick, and 200 as well. */
async function requireActive({ url, method, headers, body }: Target['request']): Promise<void> {
  const response = await fetch(url, { method: method!, headers: headers!, body: body! })
  const { active } = (await response.json()) as { active?: boolean }
  if (active !== true) throw new Error(`${url} does not find the token active`)
}
