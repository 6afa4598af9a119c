import type { CallOperation } from '@shared/operations'
import { pathsOf } from './definition/context-path'

/** What a person needs to call the sample. */
export interface Sample {
  /** Path of the domain. */
  readonly domain: string
  readonly clientId: string
  readonly clientSecret: string
  /** Context path of the API, e.g. /echo. */
  readonly api: string
}

/**
 * Fills an empty workspace with the walk-through, done up to the first call: domain, application, echo API secured by OAuth2,
 * deployed. It is made by the operations themselves, so that it never goes stale.
 */
export async function createSample(call: CallOperation): Promise<Sample> {
  const { id: domainId, path } = await call('domains.create', { name: 'demo', path: 'demo' })
  await call('domains.saveScope', { domainId, scope: { key: 'read', name: 'Read', description: 'See orders' } })
  await call('domains.saveScope', { domainId, scope: { key: 'write', name: 'Write', description: 'Change orders' } })
  // No default scope: a token request without a scope is then answered with the three members of the quickstart.
  const { application, clientSecret } = await call('applications.create', {
    domainId,
    name: 'orders-service',
    description: 'The sample application: backend to backend, by client credentials',
    scopeSettings: [
      { scope: 'read', defaultScope: false },
      { scope: 'write', defaultScope: false },
    ],
  })

  const { definition, version } = await call('apis.create', { name: 'Echo', path: '/echo' })
  const { configuration } = await call('apis.useApplication', { domainId, applicationId: application.id })
  const [flow] = definition.flows
  await call('apis.save', {
    apiId: definition.id,
    version,
    definition: {
      ...definition,
      description: 'Answers with what the backend received',
      resources: [{ name: 'am-demo', type: 'oauth2-am-resource', enabled: true, configuration }],
      flows: [
        {
          ...flow!,
          request: [{ name: 'OAuth2', enabled: true, policy: 'oauth2', configuration: { oauthResource: 'am-demo' } }],
        },
      ],
    },
  })
  await call('apis.deploy', { apiId: definition.id })
  return { domain: path, clientId: application.clientId, clientSecret: clientSecret!, api: pathsOf(definition)[0]! } // a service has one
}
