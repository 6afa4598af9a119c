import { NO_PARAMETERS, type Parameters } from '../http/form'

/**
 * An authorization request as it is kept between two answers: its parameters, which are checked anew at each step, since the application
 * may have been changed or removed meanwhile.
 */
export interface KeptRequest {
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly resources: readonly string[]
  /** Who the `id_token_hint` names: the token itself is not kept. */
  readonly hintedUserId?: string
  /** It was pushed (RFC 9126). */
  readonly isPushed: boolean
}

/** What of a request means something here, beside `resource` and `id_token_hint`. */
const KEPT = [
  'client_id',
  'response_type',
  'response_mode',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'login_hint',
  'claims',
]

/** To be called with parameters that were found good. */
export function keep({ form, lists }: Parameters, isPushed: boolean, hintedUserId: string | undefined): KeptRequest {
  return {
    parameters: [...form].filter(([name]) => KEPT.includes(name)),
    resources: lists.get('resource') ?? [],
    isPushed,
    ...(hintedUserId === undefined ? {} : { hintedUserId }),
  }
}

export function parametersOf({ parameters, resources }: KeptRequest): Parameters {
  return { ...NO_PARAMETERS, form: new Map(parameters), lists: new Map([['resource', resources]]) }
}
