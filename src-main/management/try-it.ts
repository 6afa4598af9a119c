import { randomUUID } from 'node:crypto'
import type { TryItStart } from '@shared/try-it'
import type { Context, HandlersOf } from './context'
import { applicationOf, domainOf } from './lookup'
import { conflict } from './problems'
import { createAttempts, type Attempt } from './try-it/attempts'
import { authorizationRequest, requestAddress } from './try-it/authorization-request'
import { checkAnswer } from './try-it/check-answer'
import { clientOf } from './try-it/client'
import { sendForm } from './try-it/exchange'
import { jsonOf } from './try-it/json'
import { requestTokens, type Outcome } from './try-it/tokens'
import { requestUserinfo } from './try-it/userinfo'

/** Goes a flow in the name of an application, one message after the other, each told with what it means. */
export function tryItHandlers(context: Context): HandlersOf<'tryIt'> {
  const { store } = context
  const attempts = createAttempts()

  const clientOfIds = (domainId: string, applicationId: string) => {
    const domain = domainOf(store, domainId)
    return clientOf(context, domain, applicationOf(domain, applicationId))
  }
  /** The attempt and its application as that is now: it may have been changed meanwhile. */
  const open = (attemptId: string) => {
    const attempt = attempts.find(attemptId)
    return { attempt, client: clientOfIds(attempt.domainId, attempt.applicationId) }
  }
  /** What the attempt has after tokens came. */
  const keep = ({ code: _spent, ...attempt }: Attempt, { exchange, ...got }: Outcome) => {
    attempts.put({ ...attempt, ...got })
    return exchange
  }

  return {
    'tryIt.begin': async ({ domainId, applicationId, push = false, ...asked }) => {
      const client = clientOfIds(domainId, applicationId)
      const { kept, parameters } = authorizationRequest(client.application, asked)
      const sent = push ? await sendForm(context, client, '/oauth/par', parameters) : undefined
      const requestUri = jsonOf(sent?.answer.body ?? '').request_uri
      const pushed = sent && { ...sent, succeeded: sent.answer.status === 201, checks: [], tokens: [] }
      const address = requestAddress(client, pushed ? (pushed.succeeded ? requestUri : undefined) : parameters)
      const id = randomUUID()
      attempts.put({ id, domainId, applicationId, redirectUri: asked.redirectUri, address, ...kept })
      const { codeVerifier, state, nonce } = kept
      return {
        attemptId: id,
        codeVerifier,
        codeChallenge: parameters.code_challenge ?? '',
        state,
        ...(nonce === undefined ? {} : { nonce }),
        ...(pushed === undefined ? {} : { pushed }),
        ...(address === undefined ? {} : { address }),
      } satisfies TryItStart
    },
    'tryIt.address': async ({ attemptId }) => {
      const { address, redirectUri } = attempts.find(attemptId)
      if (address === undefined)
        throw conflict(
          'REQUEST_NOT_PUSHED',
          'The authorization server did not take the pushed request, so there is nowhere to send the browser',
          'Mend what it says, and start anew.',
        )
      return { address, redirectUri }
    },
    'tryIt.receive': async ({ attemptId, parameters }) => {
      const { attempt, client } = open(attemptId)
      const { answer, code } = checkAnswer(parameters, { state: attempt.state, issuer: client.issuer })
      if (code !== undefined) attempts.put({ ...attempt, code })
      return answer
    },
    'tryIt.redeem': async ({ attemptId }) => {
      const { attempt, client } = open(attemptId)
      const { code, redirectUri, codeVerifier, nonce } = attempt
      if (code === undefined)
        throw conflict('CODE_MISSING', 'There is no code to change for tokens', 'Log in first, or start anew.')
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier }
      return keep(attempt, await requestTokens(context, client, form, { nonce, subject: undefined }))
    },
    'tryIt.userinfo': async ({ attemptId }) => {
      const { attempt, client } = open(attemptId)
      const { accessToken, subject } = attempt
      if (accessToken === undefined)
        throw conflict('TOKEN_MISSING', 'There is no access token yet', 'Change the code for tokens first.')
      return requestUserinfo(context, client, accessToken, subject)
    },
    'tryIt.refresh': async ({ attemptId }) => {
      const { attempt, client } = open(attemptId)
      const { refreshToken, subject } = attempt
      if (refreshToken === undefined)
        throw conflict(
          'REFRESH_TOKEN_MISSING',
          'There is no refresh token',
          'Let the application use the grant refresh_token, and start anew.',
        )
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
      return keep(attempt, await requestTokens(context, client, form, { nonce: undefined, subject }))
    },
    'tryIt.revoke': async ({ attemptId }) => {
      const { attempt, client } = open(attemptId)
      const { refreshToken, accessToken } = attempt
      const token = refreshToken ?? accessToken
      if (token === undefined)
        throw conflict('TOKEN_MISSING', 'There is no token to revoke yet', 'Change the code for tokens first.')
      const hint = refreshToken === undefined ? 'access_token' : 'refresh_token'
      const sent = await sendForm(context, client, '/oauth/revoke', { token, token_type_hint: hint })
      return { ...sent, succeeded: sent.answer.status === 200, checks: [], tokens: [] }
    },
    'tryIt.clientCredentials': async ({ domainId, applicationId, scopes }) => {
      const client = clientOfIds(domainId, applicationId)
      const scope: { scope?: string } = scopes.length === 0 ? {} : { scope: scopes.join(' ') }
      const form = { grant_type: 'client_credentials', ...scope }
      const { exchange } = await requestTokens(context, client, form, { nonce: undefined, subject: undefined })
      return exchange
    },
  }
}
