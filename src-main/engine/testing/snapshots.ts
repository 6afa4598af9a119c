import type { ApiDefinition } from '@shared/api-definition'
import type { ListenerStatus } from '@shared/engine-status'
import { application, domain } from '../authorization/testing'
import type { Snapshot } from '../snapshot'

const lab = domain({ path: 'demo', applications: [application({ clientId: 'orders', clientSecret: 'wonderland' })] })

/** An API at /echo that wants a token of the domain, at the authorization server named. */
export function echoApi(serverURL: string, changes: Partial<ApiDefinition> = {}): ApiDefinition {
  return {
    id: 'api-echo',
    name: 'Echo',
    gravitee: '4.0.0',
    type: 'proxy',
    listeners: [{ type: 'http', paths: [{ path: '/echo' }], entrypoints: [{ type: 'http-proxy' }] }],
    endpointGroups: [
      {
        name: 'default-group',
        type: 'http-proxy',
        endpoints: [{ name: 'default', type: 'http-proxy', configuration: { target: 'gatehouse:echo' } }],
      },
    ],
    flows: [
      {
        enabled: true,
        selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
        request: [{ enabled: true, policy: 'oauth2', configuration: { oauthResource: 'AM' } }],
        response: [],
      },
    ],
    plans: [{ id: 'plan', name: 'Open', security: { type: 'KEY_LESS' } }],
    resources: [
      {
        name: 'AM',
        type: 'oauth2-am-resource',
        enabled: true,
        configuration: { serverURL, securityDomain: 'demo', clientId: 'orders', clientSecret: 'wonderland' },
      },
    ],
    ...changes,
  }
}

let version = 0
/** The domain and the API, on free ports. */
export function snapshot(serverURL: string, revision = 1, changes: Partial<Snapshot> = {}): Snapshot {
  return {
    version: ++version,
    gateway: { host: '127.0.0.1', port: 0 },
    authorization: { host: '127.0.0.1', port: 0 },
    domains: [lab],
    apis: [{ id: 'api-echo', revision, secretsVersion: '1', definition: echoApi(serverURL) }],
    ...changes,
  }
}

/** Where a server listens; throws with its status when it does not. */
export function addressOf(status: ListenerStatus): string {
  if (status.state !== 'listening') throw new Error(JSON.stringify(status))
  return status.address
}
