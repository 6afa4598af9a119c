import { authenticationMethods } from '@shared/application-kinds'
import { runningRevision } from './api-state'
import { resourceSchema } from './catalogue'
import type { Context, HandlersOf } from './context'
import { foreignReferences } from './definition/check-draft'
import { checkedEndpoints } from './health-log'
import { apiOf, applicationOf, domainOf } from './lookup'
import { conflict, fieldInvalid, inputInvalid } from './problems'
import { resolveSecrets } from './running/build-snapshot'
import { pointResourcesAt } from './running/own-authorization'
import { schemaErrors } from '@shared/schema-errors'

type ResourceOperation = 'apis.testResource' | 'apis.testEndpoint' | 'apis.health' | 'apis.useApplication'

/** Resources of an API: trying them out, and filling them in from what this workspace has. */
export function resourceHandlers({
  store,
  engine,
  running,
  health,
}: Context): Pick<HandlersOf<'apis'>, ResourceOperation> {
  return {
    'apis.testResource': async ({ apiId, resource }) => {
      const { definition } = apiOf(store, apiId)
      const asDraft = { ...definition, flows: [], plans: [], resources: [resource] }
      const schema = resourceSchema(resource.type)
      const wrong = [
        ...(schema ? schemaErrors(schema, resource.configuration, '/resource/configuration') : []),
        ...foreignReferences(asDraft).map((error) => ({
          ...error,
          field: error.field.replace('/definition/resources/0', '/resource'),
        })),
      ]
      if (wrong.length > 0)
        throw inputInvalid(
          wrong.map(({ field, message, remedy }) => ({ field, message, ...(remedy === undefined ? {} : { remedy }) })),
        )
      // As the gateway would see it: secrets resolved, and pointed at where our own server is now.
      const { known, now } = running.ownAuthorization()
      const followed = now === undefined ? asDraft : pointResourcesAt(asDraft, known, now)
      const { value, missing } = resolveSecrets(followed, store.secrets)
      if (missing.length > 0)
        throw inputInvalid(
          missing.map((error) => ({ ...error, field: error.field.replace('/resources/0', '/resource') })),
        )
      return engine.testResource(value.resources[0] ?? resource)
    },

    'apis.health': async ({ apiId }) => {
      apiOf(store, apiId)
      const runs = runningRevision(store, apiId)?.definition
      return runs === undefined ? [] : health.of(apiId, checkedEndpoints(runs))
    },

    'apis.testEndpoint': async ({ apiId, endpoint: name }) => {
      const { definition } = apiOf(store, apiId)
      // The secrets of the others need not be there for this one.
      const alone = definition.endpointGroups.flatMap((group) => {
        const endpoints = group.endpoints.filter((endpoint) => endpoint.name === name)
        return endpoints.length > 0 ? [{ ...group, endpoints: endpoints.slice(0, 1) }] : []
      })
      const asDraft = { ...definition, flows: [], plans: [], resources: [], endpointGroups: alone.slice(0, 1) }
      const { value, missing } = resolveSecrets(asDraft, store.secrets)
      const [group] = value.endpointGroups
      const [endpoint] = group?.endpoints ?? []
      if (group === undefined || endpoint === undefined)
        throw fieldInvalid('/endpoint', `The API has no endpoint ${name}`, 'Give the name of one of its endpoints.')
      if (missing.length > 0) throw inputInvalid(missing.map((error) => ({ ...error, field: '/endpoint' })))
      return engine.testEndpoint(endpoint, group)
    },

    'apis.useApplication': async ({ domainId, applicationId }) => {
      const domain = domainOf(store, domainId)
      const application = applicationOf(domain, applicationId)
      if (application.clientSecret === undefined || !authenticationMethods(application).includes('client_secret_basic'))
        throw conflict(
          'APPLICATION_WITHOUT_SECRET',
          `A resource proves who it is by HTTP Basic, and the application ${application.name} has no secret for that`,
          'Choose another application, such as one of the kind Resource server or Service.',
          { field: '/applicationId' },
        )
      const serverURL = running.authorizationAddress()
      if (serverURL === undefined)
        throw conflict(
          'AUTHORIZATION_NOT_LISTENING',
          'The authorization server has no address yet',
          'Wait until it listens, then try again.',
        )
      return {
        configuration: {
          serverURL,
          securityDomain: domain.path,
          clientId: application.clientId,
          clientSecret: application.clientSecret,
        },
      }
    },
  }
}
