import type { ChallengeStyle } from '@shared/api-definition'
import type { Failure } from '../policies/policy'

export interface FailureAnswer {
  readonly status: number
  readonly message: string
  readonly challenge: string | undefined
}

const REALM = 'gravitee.io'

/**
 * How a failure reads to the caller in the API's challenge style.
 *
 * @param metadata address of the resource's metadata (RFC 9728 §5.1), where there is some; the quick start's header has no place for it
 */
export function answerOf(
  { status, message, challenge }: Failure,
  style: ChallengeStyle,
  metadata?: string,
): FailureAnswer {
  if (challenge === undefined) return { status, message, challenge: undefined }
  switch (style) {
    case 'quickstart':
      // The header of the quick start, word for word. It is not valid by RFC 9110; the other two styles are.
      return { status, message, challenge: `Bearer realm=${REALM} - ${message}` }
    case 'terse':
      return {
        status,
        message: 'Unauthorized',
        challenge: `Bearer ${parametersOf({ realm: REALM, resource_metadata: metadata })}`,
      }
    case 'rfc6750': {
      const { error, description, scope } = challenge
      const parameters = { realm: REALM, error, error_description: description, scope, resource_metadata: metadata }
      // RFC 6750 §3.1: insufficient_scope SHOULD be 403, invalid_request 400.
      const rfcStatus = error === 'insufficient_scope' ? 403 : error === 'invalid_request' ? 400 : status
      return { status: rfcStatus, message: description ?? message, challenge: `Bearer ${parametersOf(parameters)}` }
    }
  }
}

/** Those that have a value, as RFC 9110 §11.2 writes them. */
const parametersOf = (parameters: Readonly<Record<string, string | undefined>>) =>
  Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value.replaceAll(/["\\]/g, "'")}"`]))
    .join(', ')

/** JSON, unless the caller accepts text alone or the failure is always told another way. */
export function failureBody(
  { body, members }: Failure,
  status: number,
  message: string,
  accept: string | undefined,
): { type: string | undefined; body: string } {
  if (body === 'none') return { type: undefined, body: '' }
  return body === 'text' || acceptsTextAlone(accept)
    ? { type: 'text/plain', body: message }
    : { type: 'application/json', body: JSON.stringify({ message, ...members, http_status_code: status }) }
}

function acceptsTextAlone(accept: string | undefined): boolean {
  return accept !== undefined && !/json|\*\/\*|application\/\*/i.test(accept) && /text\//i.test(accept)
}
