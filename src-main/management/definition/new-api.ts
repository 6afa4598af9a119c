import { ECHO_TARGET, type ApiDefinition } from '@shared/api-definition'

/** A new API as Gravitee would make it: every call of the path goes to one backend, and nothing is asked of the caller yet. */
export function newApi(id: string, planId: string, name: string, path: string, target = ECHO_TARGET): ApiDefinition {
  return {
    id,
    name,
    gravitee: '4.0.0',
    type: 'proxy',
    listeners: [{ type: 'http', paths: [{ path }], entrypoints: [{ type: 'http-proxy' }] }],
    endpointGroups: [
      {
        name: 'default-group',
        type: 'http-proxy',
        loadBalancer: { type: 'round-robin' },
        endpoints: [
          {
            name: 'default',
            type: 'http-proxy',
            weight: 1,
            inheritConfiguration: false,
            configuration: { target },
            sharedConfigurationOverride: { http: { connectTimeout: 3000, readTimeout: 60_000 } },
          },
        ],
      },
    ],
    flowExecution: { mode: 'default', matchRequired: false },
    flows: [
      {
        name: 'All paths',
        enabled: true,
        selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH', methods: [] }],
        request: [],
        response: [],
      },
    ],
    plans: [{ id: planId, name: 'Keyless', security: { type: 'KEY_LESS' }, flows: [], status: 'PUBLISHED' }],
    resources: [],
  }
}
