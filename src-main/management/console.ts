import type { SavedRequest } from '@shared/console'
import { getToken } from './console/token'
import { sendCall } from './console/send'
import type { Context, HandlersOf } from './context'
import { applicationOf, domainOf } from './lookup'
import { notFound } from './problems'
import { apiKeyOf } from './subscriptions'

/** Calls as a client would make them, and the saved ones. */
export function consoleHandlers(context: Context): HandlersOf<'console'> {
  const { store, exclusive } = context
  return {
    'console.send': ({ request, apiKey }) =>
      sendCall(context, request, apiKey === undefined ? undefined : apiKeyOf(store, apiKey)),
    'console.getToken': async ({ domainId, applicationId, scopes }) => {
      const domain = domainOf(store, domainId)
      return getToken(context, domain, applicationOf(domain, applicationId), scopes)
    },
    'console.list': async () => [...store.savedRequests()],
    'console.save': ({ request }) =>
      exclusive(async () => {
        const saved = withoutCredentials(request)
        await store.saveRequest(saved)
        return saved
      }),
    'console.delete': ({ requestId }) =>
      exclusive(async () => {
        if (!store.savedRequests().some(({ id }) => id === requestId)) throw notFound('saved request', requestId)
        await store.deleteRequest(requestId)
        return {}
      }),
  }
}

/** Credentials never stand in a document; `authorization` says which token is to be got again. */
function withoutCredentials(saved: SavedRequest): SavedRequest {
  const headers = saved.request.headers.filter(({ name }) => !credentialHeaders.has(name.toLowerCase()))
  return { ...saved, request: { ...saved.request, headers } }
}

const credentialHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-gravitee-api-key', 'x-api-key'])
