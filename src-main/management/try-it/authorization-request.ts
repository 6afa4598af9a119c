import { hash, randomBytes } from 'node:crypto'
import type { Application } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import type { Attempt } from './attempts'
import type { Client } from './client'

type Asked = Omit<OperationInput<'tryIt.begin'>, 'domainId' | 'applicationId' | 'push'>

const random = () => randomBytes(32).toString('base64url')

/**
 * What an application asks for (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1), and what it keeps of it to check the
 * answer: always with PKCE and `state`, and with a `nonce` where an ID token comes of it.
 */
export function authorizationRequest(
  { clientId }: Application,
  { redirectUri, scopes, prompt, loginHint, responseMode }: Asked,
): { readonly kept: Pick<Attempt, 'codeVerifier' | 'state' | 'nonce'>; readonly parameters: Record<string, string> } {
  const codeVerifier = random()
  const state = random()
  const nonce = scopes.includes('openid') ? random() : undefined
  return {
    kept: { codeVerifier, state, nonce },
    parameters: {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      state,
      ...(nonce === undefined ? {} : { nonce }),
      code_challenge: hash('sha256', codeVerifier, 'base64url'),
      code_challenge_method: 'S256',
      ...(prompt === undefined ? {} : { prompt }),
      ...(loginHint === undefined || loginHint === '' ? {} : { login_hint: loginHint }),
      ...(responseMode === undefined ? {} : { response_mode: responseMode }),
    },
  }
}

/**
 * Where the browser is sent: with the request itself, or with what a pushed one is called (RFC 9126 §4). Undefined without either.
 *
 * @param request its parameters, or its `request_uri`
 */
export function requestAddress(client: Client, request: unknown): string | undefined {
  if (request === undefined) return undefined
  const { clientId } = client.application
  const parameters =
    typeof request === 'string' ? { client_id: clientId, request_uri: request } : (request as Record<string, string>)
  return `${client.address}/oauth/authorize?${new URLSearchParams(parameters).toString()}`
}
