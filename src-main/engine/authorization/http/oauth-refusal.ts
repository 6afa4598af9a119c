import type { Evidence, Refusal, Remedy } from '@shared/traffic'
import { isStateFailure } from '../../state'

/** Error codes that callers are told: RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 6750 §3.1, RFC 8707 §2, RFC 9101. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'login_required'
  | 'consent_required'
  | 'account_selection_required'
  | 'interaction_required'
  | 'unmet_authentication_requirements'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported'
  | 'invalid_request_uri'
  | 'invalid_target'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'not_found'
  | 'method_not_allowed'
  | 'server_error'
  | 'temporarily_unavailable'

/** What is told to the person who asks why; never to the caller. */
export interface Reason {
  /** Stable key of the refusal, e.g. CLIENT_SECRET_WRONG. */
  readonly key: string
  readonly sentence: string
  /** Where the rule stands, e.g. RFC 6749 §5.2. */
  readonly source?: string
  readonly evidence?: readonly Evidence[]
  readonly remedies?: readonly Remedy[]
}

/**
 * Thrown by a step to end a request: what the caller is told (`error`, `description`), and the reason for the person at the
 * window. The description stays within the characters of RFC 6749 §5.2: no quotes, no backslashes, ASCII only.
 */
export class OAuthRefusal extends Error {
  constructor(
    readonly status: number,
    readonly error: OAuthErrorCode,
    readonly description: string,
    readonly reason: Reason,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason.sentence)
    this.name = 'OAuthRefusal'
  }
}

/** A request that is not formed as the endpoint wants it: 400 `invalid_request`. */
export function malformed(key: string, description: string, reason?: Partial<Reason>, status = 400): OAuthRefusal {
  return new OAuthRefusal(status, 'invalid_request', description, {
    key,
    sentence: description,
    source: 'RFC 6749 §5.2',
    ...reason,
  })
}

/**
 * What no step has foreseen: 503 `temporarily_unavailable` when the disk fails, else 500 `server_error`, a fault of ours. It is told without
 * the error's message, which may quote input.
 */
export function faultOf(error: unknown): OAuthRefusal {
  if (isStateFailure(error)) {
    return new OAuthRefusal(503, 'temporarily_unavailable', 'The state of the server cannot be reached; try again', {
      key: 'STATE_UNAVAILABLE',
      sentence: "The engine's state on the disk could not be read or written: look whether the disk is full or gone",
      evidence: [{ label: 'Where', value: whereOf(error) }],
    })
  }
  return new OAuthRefusal(500, 'server_error', 'The server met an unexpected condition', {
    key: 'INTERNAL',
    sentence: 'Gatehouse failed at this request: this is a fault of Gatehouse, please report it',
    evidence: [{ label: 'Where', value: whereOf(error) }],
  })
}

function whereOf(error: unknown): string {
  const frame = error instanceof Error ? /^ +at .+$/m.exec(error.stack ?? '')?.[0].trim() : undefined
  return `${error instanceof Error ? error.name : typeof error} ${frame ?? ''}`.trim()
}

/** The refusal as it is recorded. */
export function toRecordedRefusal({ status, error, reason }: OAuthRefusal): Refusal {
  const evidence = [{ label: 'Error told to the caller', value: error }, ...(reason.evidence ?? [])]
  return toRecordedReason({ ...reason, evidence }, status)
}

/** @param status of the answer */
export function toRecordedReason({ key, sentence, source, evidence, remedies }: Reason, status: number): Refusal {
  return {
    key,
    status,
    sentence,
    ...(source === undefined ? {} : { source }),
    evidence: [...(evidence ?? [])],
    remedies: [...(remedies ?? [])],
  }
}
