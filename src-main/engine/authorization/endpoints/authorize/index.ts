import type { Answer, Call, Endpoint } from '../../http/endpoint'
import type { Parameters } from '../../http/form'
import { faultOf, malformed, OAuthRefusal } from '../../http/oauth-refusal'
import { refusalPage } from '../../pages/refusal-page'
import { keep, parametersOf, type KeptRequest } from '../../requests/kept-request'
import { REQUEST_URI_PREFIX } from '../../requests/pushed-requests'
import { readVisit } from '../../sessions/visit'
import { goOn, pathsOf, type FlowStores } from './flow'
import { readRequest, type RequestOrigin } from './request'
import { redirectTo, respondWithRefusal } from './respond'
import { readTarget } from './target'

/** GET and POST /:domainPath/oauth/authorize (RFC 6749 §3.1, OpenID Connect Core §3.1.2.1) */
export function authorizeEndpoint(stores: FlowStores): Endpoint {
  return {
    name: 'authorize',
    methods: ['GET', 'POST'],
    actsOnGet: true,
    parameters: 'query-or-body',
    repeatable: ['resource'],
    judgesFlaws: true,
    paths: ['/:domainPath/oauth/authorize'],
    stations: ['Client', 'Redirect address', 'Parameters', 'Scopes', 'Login', 'Consent', 'Code'],
    answerRefusal: refusalPage,

    async handle(call) {
      const clientId = call.form.get('client_id')
      if (clientId !== undefined) call.report.client(clientId)
      const pushed = await takePushed(call, stores)
      if (pushed !== undefined) return authorize(call, stores, parametersOf(pushed), pushed)
      return authorize(call, stores, call, { isPushed: false })
    },
  }
}

async function authorize(
  call: Call,
  stores: FlowStores,
  parameters: Parameters,
  origin: RequestOrigin,
): Promise<Answer> {
  const target = readTarget(call, parameters)
  try {
    const request = readRequest(call, target, parameters, origin)
    const kept = keep(parameters, origin.isPushed, request.hintedUserId)
    const visit = await readVisit(call, stores.sessions)
    // A form of another site comes without our cookies (SameSite=Lax): so the browser is asked to come again by itself.
    if (call.method === 'POST' && visit.browser === undefined && visit.session === undefined) {
      return comeAgain(call, stores, request.application.snapshot.clientId, kept)
    }
    return await goOn(call, stores, { request, kept, visit, transaction: undefined })
  } catch (error) {
    // Also a fault: the application is told, since a user can do nothing about it (RFC 6749 §4.1.2.1, server_error).
    return respondWithRefusal(call, target, error instanceof OAuthRefusal ? error : faultOf(error))
  }
}

async function comeAgain(
  call: Call,
  { pushedRequests }: FlowStores,
  clientId: string,
  kept: KeptRequest,
): Promise<Answer> {
  const requestUri = await pushedRequests.push(call.domain.snapshot.id, kept, call)
  const query = new URLSearchParams({ client_id: clientId, request_uri: requestUri })
  return redirectTo(`${pathsOf(call).authorize}?${query.toString()}`)
}

/**
 * The request that a `request_uri` of ours stands for; everything else beside it but the client is then without meaning (RFC 9126 §4).
 *
 * @throws OAuthRefusal
 */
async function takePushed(call: Call, { pushedRequests }: FlowStores): Promise<KeptRequest | undefined> {
  const requestUri = call.form.get('request_uri')
  if (requestUri?.startsWith(REQUEST_URI_PREFIX) !== true) return undefined
  const clientId = call.form.get('client_id')
  if (clientId === undefined) {
    throw (
      call.flawed.get('client_id') ??
      malformed('CLIENT_ID_MISSING', 'The parameter client_id is missing', { source: 'RFC 9126 §4' })
    )
  }
  const pushed = await pushedRequests.take(call.domain.snapshot.id, requestUri)
  if (pushed === undefined) {
    throw new OAuthRefusal(400, 'invalid_request_uri', 'The request_uri has expired or was used before', {
      key: 'REQUEST_URI_UNKNOWN',
      sentence:
        'There is no pushed request of this request_uri (any more): it has expired, was used before, or never was',
      source: 'RFC 9126 §2.2, §4',
    })
  }
  const [, owner] = pushed.parameters.find(([name]) => name === 'client_id') ?? []
  if (owner === clientId) return pushed
  throw malformed('REQUEST_URI_OF_ANOTHER_CLIENT', 'The request_uri is not that of a request of this client', {
    source: 'RFC 9126 §2.2',
    evidence: [{ label: 'Pushed by', value: owner ?? 'nobody' }],
  })
}
