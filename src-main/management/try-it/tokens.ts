import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { TryItCheck, TryItExchange, TryItToken } from '@shared/try-it'
import { checkSignature } from '../console/check-signature'
import type { Context } from '../context'
import { checkIdToken } from './check-id-token'
import type { Client } from './client'
import { sendForm } from './exchange'
import { jsonOf } from './json'

/** What came of a token request: both messages, and what is to be kept of the answer. */
export interface Outcome {
  readonly exchange: TryItExchange
  readonly accessToken?: string
  readonly refreshToken?: string
  readonly subject?: string
}

interface Known {
  readonly nonce: string | undefined
  /** Of the ID token before, which a refresh must not change (OpenID Connect Core §12.2). */
  readonly subject: string | undefined
}

/** Sends a token request, takes the tokens apart, and validates the ID token among them. */
export async function requestTokens(
  context: Context,
  client: Client,
  form: Readonly<Record<string, string>>,
  known: Known,
): Promise<Outcome> {
  const sent = await sendForm(context, client, '/oauth/token', form)
  const answer = sent.answer.status === 200 ? jsonOf(sent.answer.body) : {}
  const token = (name: TryItToken['kind']) => (typeof answer[name] === 'string' ? answer[name] : undefined)
  const accessToken = token('access_token')
  const refreshToken = token('refresh_token')
  const idToken = token('id_token')
  const kinds = ['access_token', 'id_token', 'refresh_token'] as const
  const tokens = kinds.flatMap((kind) => takeApart(kind, token(kind)))
  const subject = tokens.find(({ kind }) => kind === 'id_token')?.claims?.sub
  const checks =
    idToken === undefined || accessToken === undefined
      ? []
      : await validate(context, client, idToken, accessToken, known)
  return {
    exchange: { ...sent, succeeded: accessToken !== undefined && checks.every(({ ok }) => ok), checks, tokens },
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(typeof subject === 'string' ? { subject } : {}),
  }
}

async function validate(
  { store, clock }: Context,
  { domain, application, issuer }: Client,
  idToken: string,
  accessToken: string,
  { nonce, subject }: Known,
): Promise<TryItCheck[]> {
  const signature = await checkSignature(domain, store.secrets, idToken)
  const { clientId } = application
  const checks = checkIdToken(idToken, { issuer, clientId, nonce, accessToken, now: clock.now(), signature })
  return subject === undefined
    ? checks
    : [...checks, checkSubject(decodeJwt(idToken).sub, subject, 'the ID token before')]
}

/** Whether an answer is about the user that the ID token names (OpenID Connect Core §5.3.2, §12.2). */
export function checkSubject(given: unknown, subject: string, where: string): TryItCheck {
  const ok = given === subject
  return {
    title: 'sub',
    ok,
    sentence: ok
      ? `It is the user of ${where}.`
      : `It is not the user of ${where}, ${subject}: the answer is not used.`,
    source: 'OpenID Connect Core §5.3.2, §12.2',
  }
}

/** A refresh token, and every other that is no JWT, means something to the server alone. */
function takeApart(kind: TryItToken['kind'], token: string | undefined): TryItToken[] {
  if (token === undefined) return []
  try {
    return [{ kind, token, header: { ...decodeProtectedHeader(token) }, claims: { ...decodeJwt(token) } }]
  } catch {
    return [{ kind, token }]
  }
}
