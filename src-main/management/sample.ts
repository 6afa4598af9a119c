import type { CallOperation } from '@shared/operations'
import { FIRST_USER_SCOPES } from '@shared/standard-scopes'
import { pathsOf } from './definition/context-path'

/** What a person needs to call the sample. */
export interface Sample {
  /** Path of the domain. */
  readonly domain: string
  readonly clientId: string
  readonly clientSecret: string
  /** Context path of the API, e.g. /echo. */
  readonly api: string
  /** Who can log in, in the application of the kind single page. */
  readonly username: string
  readonly password: string
}

/**
 * Fills an empty workspace with the walk-through, done up to the first call: domain, application, echo API secured by OAuth2,
 * deployed; and, for logins, a user and an application that sends them to a page. It is made by the operations themselves, so that
 * it never goes stale.
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
  await call('applications.create', {
    domainId,
    name: 'orders-page',
    description: 'Its users log in: a single page, by the authorization code flow. Try it shows each step.',
    type: 'browser',
    redirectUris: ['http://127.0.0.1:3000/callback'],
    scopeSettings: [...FIRST_USER_SCOPES, 'read', 'write'].map((scope) => ({ scope, defaultScope: false })),
  })
  const { user, password } = await call('users.create', {
    ...{ domainId, username: 'alice', generatePassword: true },
    ...{ firstName: 'Alice', lastName: 'Adams', email: 'alice@example.com', emailVerified: true },
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
  return {
    domain: path,
    clientId: application.clientId,
    clientSecret: clientSecret!, // a service has one
    api: pathsOf(definition)[0]!,
    username: user.username,
    password: password!, // it was to be generated
  }
}
