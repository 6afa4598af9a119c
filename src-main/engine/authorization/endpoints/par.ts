import { CLIENT_AUTHENTICATION, type ClientAuthentication } from '../client-authentication/require-client'
import { answerOf, type Endpoint } from '../http/endpoint'
import { malformed } from '../http/oauth-refusal'
import { keep } from '../requests/kept-request'
import { PUSHED_REQUEST_SECONDS, type PushedRequests } from '../requests/pushed-requests'
import { readRequest } from './authorize/request'
import { readTarget } from './authorize/target'

/** POST /:domainPath/oauth/par (RFC 9126): an authorization request that the client sends by itself, before the browser comes. */
export function parEndpoint(clients: ClientAuthentication, pushedRequests: PushedRequests): Endpoint {
  return {
    name: 'par',
    methods: ['POST'],
    parameters: 'body',
    repeatable: ['resource'],
    readers: 'of-application',
    paths: ['/:domainPath/oauth/par'],
    stations: [CLIENT_AUTHENTICATION, 'Client', 'Redirect address', 'Parameters', 'Scopes', 'Request'],

    async handle(call) {
      const { snapshot } = await clients.requireClient(call, { acceptsPublic: true })
      if (call.form.has('request_uri')) {
        throw malformed('REQUEST_URI_PUSHED', 'A request that is pushed has no request_uri itself', {
          source: 'RFC 9126 §2.1',
        })
      }
      // Who authenticated by Basic need not repeat its id.
      const parameters = { ...call, form: new Map([...call.form, ['client_id', snapshot.clientId]]) }
      const request = readRequest(call, readTarget(call, parameters), parameters, { isPushed: true })
      const kept = keep(parameters, true, request.hintedUserId)
      const requestUri = await pushedRequests.push(call.domain.snapshot.id, kept, call)
      call.report.about({ summary: `An authorization request of ${snapshot.name} was pushed` })
      call.report.trace?.passed('Request', `Kept for ${PUSHED_REQUEST_SECONDS} s, to be taken once`)
      return answerOf({ request_uri: requestUri, expires_in: PUSHED_REQUEST_SECONDS }, 201)
    },
  }
}
