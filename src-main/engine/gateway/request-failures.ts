import { EvaluationError } from '../expression/evaluation-error'
import type { Failure } from '../policies/policy'
import type { CompiledApi } from './compiled-api'
import type { Exchange } from './exchange'
import { UnwritableHeader } from './header-value'

/** Where a policy leaves which endpoint or group is to be called, as Gravitee's do. */
export const ENDPOINT_ATTRIBUTE = 'request.endpoint'

export function ambiguousPath(reason: string): Failure {
  return {
    key: 'GATEWAY_AMBIGUOUS_PATH',
    status: 400,
    message: 'The request path is not acceptable',
    sentence: reason,
    source: 'RFC 3986 §6.2.2',
    evidence: [],
    remedies: [],
  }
}

export function noContextPath(path: string): Failure {
  return {
    key: 'GATEWAY_NO_CONTEXT_PATH',
    status: 404,
    message: 'No context-path matches the request URI.',
    body: 'text',
    sentence: `No deployed API has a context path that ${path} starts with`,
    evidence: [{ label: 'Path', value: path }],
    remedies: [{ action: 'open-apis', label: 'Open the APIs' }],
  }
}

export function noEndpoint(api: CompiledApi, { attributes }: Exchange): Failure {
  const named = attributes.get(ENDPOINT_ATTRIBUTE)
  const [group] = api.groups
  return {
    // As Gravitee calls it: templates that are keyed by it fit.
    key: 'NO_ENDPOINT_FOUND',
    status: 503,
    message: 'No endpoint available',
    sentence:
      typeof named === 'string' && named !== ''
        ? `A policy chose the endpoint ${named.split(':')[0]}, which is down or not there`
        : group === undefined || group.endpoints.length === 0
          ? 'No endpoint of the API is enabled'
          : `Every endpoint of the group ${group.name} is down`,
    evidence: [],
    remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
  }
}

/** Of an endpoint's own headers: policies tell theirs themselves. */
const unwritable = (api: CompiledApi, { message, header }: UnwritableHeader): Failure => ({
  key: 'GATEWAY_HEADER_UNWRITABLE',
  status: 500,
  message: 'Internal server error',
  sentence: message,
  source: 'RFC 9110 §5.5',
  evidence: [{ label: 'Header', value: header }],
  remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
})

/** An expression that came to too much is the request's doing; anything else that breaks is ours. */
export function broken(api: CompiledApi, error: unknown): Failure {
  if (error instanceof UnwritableHeader) return unwritable(api, error)
  const expression = error instanceof EvaluationError
  return {
    key: expression ? 'GATEWAY_EXPRESSION_FAILED' : 'GATEWAY_POLICY_FAILED',
    status: 500,
    message: 'Internal server error',
    sentence: expression
      ? `${error.message}, which is more than a request may cost`
      : `A policy of ${api.name} failed where it should have decided; this is a fault of the gateway`,
    evidence: [],
    remedies: [],
  }
}
