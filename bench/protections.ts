import { createPublicKey } from 'node:crypto'
import { getToken, type Gatehouse } from './gatehouse.ts'
import { signWith } from './tokens.ts'

/** One way to protect an API, deployed, and a request that gets through. */
export interface Protected {
  readonly name: ProtectionName
  readonly request: { url: string; headers: Record<string, string> }
}

export type ProtectionName =
  'key-less' | 'oauth2, in process' | 'oauth2, remote with cache' | 'jwt' | 'api-key, rate-limit' | 'ten policies'

interface Step {
  readonly enabled: true
  readonly policy: string
  readonly configuration: object
}
interface Definition {
  readonly id: string
  resources: object[]
  flows: { name: string; enabled: true; selectors: object[]; request: Step[]; response: Step[] }[]
  plans: object[]
}
interface ApiState {
  readonly definition: Definition
  readonly version: string
}

/** Of limits that are to count and never to be reached. */
const MANY = 1_000_000_000

/**
 * Deploys an API in front of the backend for each kind of protection.
 *
 * @param remote a server of its own, which the introspection over HTTP asks
 */
export async function deployProtections(
  gatehouse: Gatehouse,
  remote: Gatehouse,
  backend: string,
): Promise<Protected[]> {
  const { run, gateway, sample } = gatehouse
  const [ofSample] = await run<ApiState[]>('apis.list', {})
  const { resources, flows } = ofSample!.definition
  const [oauth2] = flows[0]!.request
  const token = await getToken(gatehouse)
  await signWith(gatehouse, 'RS256')
  const signed = await getToken(gatehouse)
  const jwt = step('jwt', {
    signature: 'RSA_RS256',
    publicKeyResolver: 'GIVEN_KEY',
    resolverParameter: await publicKeyOf(gatehouse, signed),
  })
  const rateLimit = step('rate-limit', { rate: { limit: MANY, periodTime: 1, periodTimeUnit: 'MINUTES' } })

  async function deploy(path: string, protection: Partial<Definition>): Promise<string> {
    const { definition, version } = await run<ApiState>('apis.create', {
      name: path,
      path: `/${path}`,
      target: backend,
    })
    await run('apis.save', { apiId: definition.id, definition: { ...definition, ...protection }, version })
    await run('apis.deploy', { apiId: definition.id })
    return definition.id
  }
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

  await deploy('keyless', { plans: [plan('KEY_LESS')] })
  await deploy('oauth2', { resources, flows: flow([oauth2!]) })
  await deploy('remote', {
    resources: [
      {
        name: 'remote',
        type: 'oauth2-am-resource',
        enabled: true,
        configuration: {
          serverURL: remote.authorization,
          securityDomain: remote.sample.domain,
          clientId: remote.sample.clientId,
          clientSecret: remote.sample.clientSecret,
        },
      },
      { name: 'cache', type: 'cache', enabled: true, configuration: {} },
    ],
    flows: flow([step('oauth2', { oauthResource: 'remote', oauthCacheResource: 'cache' })]),
  })
  await deploy('jwt', { flows: flow([jwt]) })
  const keyed = await deploy('keyed', { plans: [plan('API_KEY')], flows: flow([rateLimit]) })
  const [domain] = await run<{ id: string; applications: { id: string; clientId: string }[] }[]>('domains.list', {})
  const { apiKey } = await run<{ apiKey: string }>('subscriptions.create', {
    ...{ apiId: keyed, planId: 'plan', domainId: domain!.id },
    applicationId: domain!.applications.find(({ clientId }) => clientId === sample.clientId)!.id,
  })
  await deploy('ten', { resources, flows: flow(...tenPolicies(oauth2!, jwt, rateLimit)) })
  const to = (path: string, headers: Record<string, string>) => ({ url: `${gateway}/${path}`, headers })
  return [
    { name: 'oauth2, in process', request: to('oauth2', bearer(token)) },
    { name: 'key-less', request: to('keyless', bearer(token)) },
    { name: 'oauth2, remote with cache', request: to('remote', bearer(await getToken(remote))) },
    { name: 'jwt', request: to('jwt', bearer(signed)) },
    { name: 'api-key, rate-limit', request: to('keyed', { 'x-gravitee-api-key': apiKey }) },
    { name: 'ten policies', request: to('ten', bearer(signed)) },
  ]
}

/** Eight steps of six policies before the backend, and two after it. */
function tenPolicies(oauth2: Step, jwt: Step, rateLimit: Step): [request: Step[], response: Step[]] {
  const added = (name: string, value: string) => step('transform-headers', { addHeaders: [{ name, value }] })
  const request = [
    oauth2,
    jwt,
    rateLimit,
    step('quota', { quota: { limit: MANY, periodTime: 1, periodTimeUnit: 'DAYS' } }),
    step('policy-request-validation', {
      status: '400',
      rules: [{ input: "{#request.headers['authorization'][0]}", constraint: { type: 'NOT_NULL' } }],
    }),
    added('X-Client', "{#context.attributes['oauth.client_id']}"),
    added('X-From', '{#request.remoteAddress}'),
    step('transform-headers', { removeHeaders: ['Cookie'] }),
  ]
  return [request, [added('X-Served-By', 'bench'), step('transform-headers', { removeHeaders: ['Server'] })]]
}

const step = (policy: string, configuration: object): Step => ({ enabled: true, policy, configuration })

const plan = (type: string) => ({ id: 'plan', name: type, status: 'PUBLISHED', security: { type } })

const flow = (request: Step[], response: Step[] = []): Definition['flows'] => [
  {
    name: 'All',
    enabled: true,
    selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
    request,
    response,
  },
]

/** Of the domain's key that signed the token, as PEM. */
async function publicKeyOf({ authorization, sample }: Gatehouse, token: string): Promise<string> {
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }
  const discovery = await fetch(`${authorization}/${sample.domain}/oidc/.well-known/openid-configuration`)
  const { jwks_uri: address } = (await discovery.json()) as { jwks_uri: string }
  const { keys } = (await (await fetch(address)).json()) as { keys: { kid: string }[] }
  const key = createPublicKey({ key: keys.find((each) => each.kid === kid)!, format: 'jwk' })
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
