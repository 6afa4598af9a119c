import { defineResource, type TokenAuthority } from '../resource'
import { configuration } from './configuration'
import guide from './guide.md?raw'
import { createIntrospectionClient } from './introspection-client'
import { testResource } from './test-resource'

export const oauth2AmResource = defineResource({
  id: 'oauth2-am-resource',
  name: 'Gravitee AM Authorization Server Resource',
  summary: 'Asks a security domain whether a token is good',
  icon: 'i-lucide-key-round',
  configuration,
  guide,
  create(name, settings, local, connectors) {
    const client = createIntrospectionClient(settings, local, connectors)
    const bound: TokenAuthority = {
      kind: 'token-authority',
      name,
      type: 'oauth2-am-resource',
      userClaim: settings.userClaim ?? 'sub',
      // Asked anew each time: the engine's own server may move to another port.
      get localDomainPath() {
        return client.isLocal() ? settings.securityDomain : undefined
      },
      introspect: (token, digest) => client.introspect(token, digest),
    }
    return { bound, close: () => client.close() }
  },
  test: testResource,
})
