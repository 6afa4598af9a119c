import { verifyIdTokenHint } from '../../tokens/id-token-hint'
import { requireIdTokenSigner } from '../../tokens/id-token-signer'
import type { CodeGrant } from '../../codes/authorization-codes'
import { chooseScopes, OPENID } from '../../grants/scopes'
import type { RequestedClaims } from '../../grants/user-grant'
import type { Form, Parameters } from '../../http/form'
import { malformed, OAuthRefusal } from '../../http/oauth-refusal'
import { REQUEST_URI_PREFIX } from '../../requests/pushed-requests'
import { readRequestedClaims } from './claims-parameter'
import { readCodeChallenge } from './code-challenge'
import { readMaxAge, readPrompts, type Prompt } from './prompt'
import { MOST_RESOURCES, readResources } from '../../grants/resources'
import { isResponseMode, responseModes } from './response-mode'
import { LONGEST_STATE, openApplication, type RequestContext, type Target } from './target'

/** What an application asks for, checked (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1). */
export interface AuthorizationRequest extends Target {
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly prompts: ReadonlySet<Prompt>
  /** Seconds. */
  readonly maxAge: number | undefined
  readonly nonce: string | undefined
  readonly codeChallenge: CodeGrant['codeChallenge']
  readonly claims: RequestedClaims | undefined
  /** The username that is likely to log in. */
  readonly loginHint: string | undefined
  /** The user that an `id_token_hint` names. */
  readonly hintedUserId: string | undefined
}

/** What is known of a request beside its parameters. */
export interface RequestOrigin {
  readonly isPushed: boolean
  /** Of a kept request, whose `id_token_hint` was checked before. */
  readonly hintedUserId?: string
}

/** Characters. What is longer is no mistake of a user but of a program, and swells addresses and records. */
const LONGEST: Readonly<Record<string, number>> = {
  state: LONGEST_STATE,
  nonce: 4096,
  scope: 4096,
  claims: 8192,
  login_hint: 320,
  id_token_hint: 8192,
  prompt: 128,
  acr_values: 1024,
  ui_locales: 1024,
  claims_locales: 1024,
}

/**
 * Checks all that stands in a request beside the client and the redirect address. What is wrong is told to the application.
 *
 * @throws OAuthRefusal
 */
export function readRequest(
  context: RequestContext,
  target: Target,
  parameters: Parameters,
  origin: RequestOrigin,
): AuthorizationRequest {
  const { domain, report } = context
  const { application } = target
  const { form, lists, flaws } = parameters
  if (flaws[0] !== undefined) throw flaws[0]
  refuseOverlong(parameters)
  refuseUnsupported(form)
  requirePushed(context, target, origin)
  requireCodeFlow(context, target, form)
  const openIt = [openApplication(domain, application, 'Open the application')]
  const codeChallenge = readCodeChallenge(form, application.snapshot, openIt)
  const prompts = readPrompts(form)
  const maxAge = readMaxAge(form)
  const challenge = codeChallenge === undefined ? 'without PKCE' : `with PKCE by ${codeChallenge.method}`
  report.trace?.passed('Parameters', `The code flow, ${challenge}, answered by ${target.responseMode}`)

  const scopes = chooseScopes(form.get('scope'), application, context, true)
  const resources = readResources(lists.get('resource'), context, application)
  const isOpenId = scopes.includes(OPENID)
  if (isOpenId) requireIdTokenSigner(domain, application, context.now)
  const claims = form.get('claims')
  return {
    ...target,
    scopes,
    resources,
    prompts,
    maxAge,
    nonce: form.get('nonce'),
    codeChallenge,
    // Of OpenID Connect: to a request that is none it means nothing.
    claims: isOpenId && claims !== undefined ? readRequestedClaims(claims) : undefined,
    loginHint: form.get('login_hint'),
    hintedUserId: origin.hintedUserId ?? readIdTokenHint(context, form),
  }
}

function refuseOverlong({ form, lists }: Parameters): void {
  for (const [name, longest] of Object.entries(LONGEST)) {
    const length = form.get(name)?.length ?? 0
    if (length <= longest) continue
    throw malformed('PARAMETER_TOO_LONG', `The parameter ${name} is longer than ${longest} characters`, {
      source: 'RFC 6749 §4.1.2.1',
      evidence: [{ label: `Length of ${name}`, value: String(length) }],
    })
  }
  if ((lists.get('resource')?.length ?? 0) > MOST_RESOURCES) {
    throw malformed('RESOURCES_TOO_MANY', `A request may name ${MOST_RESOURCES} resources at the most`, {
      source: 'RFC 8707 §2',
    })
  }
}

/** OpenID Connect Core §3.1.2.6, §7.2.1: what this server does not do is never just left out, for it would change what the request means. */
function refuseUnsupported(form: Form): void {
  const source = 'OpenID Connect Core §3.1.2.6'
  if (form.has('request')) {
    const description = 'Request objects are not supported: send the parameters themselves, or push them'
    const reason = { key: 'REQUEST_OBJECT_UNSUPPORTED', sentence: description, source }
    throw new OAuthRefusal(400, 'request_not_supported', description, reason)
  }
  const requestUri = form.get('request_uri')
  if (requestUri !== undefined) {
    const description = `A request_uri is taken from the pushed authorization request endpoint alone`
    const key = requestUri.startsWith(REQUEST_URI_PREFIX) ? 'REQUEST_URI_PUSHED' : 'REQUEST_URI_UNSUPPORTED'
    throw new OAuthRefusal(400, 'request_uri_not_supported', description, { key, sentence: description, source })
  }
  if (form.has('registration')) {
    const description = 'The parameter registration is not supported'
    const reason = { key: 'REGISTRATION_UNSUPPORTED', sentence: description, source }
    throw new OAuthRefusal(400, 'registration_not_supported', description, reason)
  }
}

function requirePushed({ domain }: RequestContext, { application }: Target, { isPushed }: RequestOrigin): void {
  const { name, requireParRequest } = application.snapshot
  if (!requireParRequest || isPushed) return
  throw malformed('PUSHED_REQUEST_REQUIRED', 'This client has to push its authorization requests first', {
    sentence: `Application ${name} has to push its authorization requests, and this one came by the browser`,
    source: 'RFC 9126 §5',
    remedies: [openApplication(domain, application, 'Open the application')],
  })
}

function requireCodeFlow({ domain }: RequestContext, { application }: Target, form: Form): void {
  const { name, grantTypes } = application.snapshot
  const responseType = form.get('response_type')
  if (responseType === undefined) {
    throw malformed('RESPONSE_TYPE_MISSING', 'The parameter response_type is missing', { source: 'RFC 6749 §4.1.1' })
  }
  if (responseType !== 'code') {
    const description = 'This server supports response_type code'
    throw new OAuthRefusal(400, 'unsupported_response_type', description, {
      key: 'RESPONSE_TYPE_UNSUPPORTED',
      sentence: 'The response type asked for is not supported; code is',
      source: 'RFC 6749 §4.1.2.1, RFC 9700 §2.1.2',
      evidence: [{ label: 'response_type', value: responseType.slice(0, 64) }],
    })
  }
  const mode = form.get('response_mode')
  if (mode !== undefined && !isResponseMode(mode)) {
    throw malformed('RESPONSE_MODE_UNSUPPORTED', `The parameter response_mode takes ${responseModes.join(', ')}`, {
      source: 'OAuth 2.0 Multiple Response Type Encoding Practices §2.1',
      evidence: [{ label: 'response_mode', value: mode.slice(0, 64) }],
    })
  }
  if (grantTypes.includes('authorization_code')) return
  throw new OAuthRefusal(400, 'unauthorized_client', 'The client may not use the authorization code flow', {
    key: 'GRANT_TYPE_NOT_ALLOWED',
    sentence: `Application ${name} may not use the grant type authorization_code`,
    source: 'RFC 6749 §4.1.2.1',
    evidence: [{ label: 'Grant types of the application', value: grantTypes.join(', ') || 'none' }],
    remedies: [openApplication(domain, application, 'Open the application')],
  })
}

function readIdTokenHint({ domain, issuer, now }: RequestContext, form: Form): string | undefined {
  const token = form.get('id_token_hint')
  if (token === undefined) return undefined
  const hint = verifyIdTokenHint(domain, token, { issuer, now })
  if (!('reason' in hint)) return hint.userId
  throw malformed('ID_TOKEN_HINT_INVALID', 'The id_token_hint is not an ID token of this server', {
    sentence: `The id_token_hint is not taken: ${hint.reason}`,
    source: 'OpenID Connect Core §3.1.2.2',
    evidence: hint.evidence,
  })
}
