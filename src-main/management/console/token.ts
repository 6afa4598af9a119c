import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { ConsoleExchange, ConsoleToken } from '@shared/console'
import { authenticationMethods, usesSecret } from '@shared/application-kinds'
import type { Application, Domain } from '@shared/domain'
import { ProblemError } from '@shared/problem'
import type { Context } from '../context'
import { clientSecretOf } from '../lookup'
import { checkSignature } from './check-signature'
import { clientProof } from './client-proof'
import { sendCall } from './send'

/** Gets a token from a domain's token endpoint by client credentials, over HTTP, with the secret of the application (RFC 6749 §4.4). */
export async function getToken(
  context: Context,
  domain: Domain,
  application: Application,
  scopes: readonly string[],
): Promise<ConsoleToken> {
  const { store, engine } = context
  const methods = authenticationMethods(application)
  if (!usesSecret(application))
    throw new ProblemError({
      key: 'APPLICATION_WITHOUT_SECRET',
      status: 409,
      title: `${application.name} authenticates by ${methods.join(', ')}, which the console cannot do for it`,
      remedy: 'Choose an application that has a secret, or paste a token.',
    })
  const clientSecret = clientSecretOf(store, application)
  if (clientSecret === undefined)
    throw new ProblemError({
      key: 'SECRET_MISSING',
      status: 409,
      title: `The secret of ${application.name} is missing`,
      remedy: 'Rotate the secret of the application.',
    })
  const { authorization } = engine.status()
  if (authorization.state !== 'listening')
    throw new ProblemError({
      key: 'AUTHORIZATION_NOT_LISTENING',
      status: 503,
      title: 'The authorization server does not listen, so it cannot issue a token',
      ...('sentence' in authorization ? { detail: authorization.sentence } : {}),
      remedy: 'Look at its address in Settings.',
    })

  const { clientId } = application
  const address = `${authorization.address}/${domain.path}`
  const proof = await clientProof(methods, { clientId, clientSecret, issuer: `${address}/oidc` })
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...proof?.form })
  if (scopes.length > 0) form.set('scope', scopes.join(' '))
  const answered = await sendCall(context, {
    method: 'POST',
    url: `${address}/oauth/token`,
    headers: [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded' }, ...(proof?.headers ?? [])],
    body: form.toString(),
  })
  // Read before it is masked: a client may be called what a part of the answer is called.
  const answer = tokenAnswer(answered)
  const exchange = masked(answered, [clientSecret, clientId])
  if (exchange.status !== 200 || !answer) throw tokenRefused(exchange)
  const claims = decodeJwt(answer.accessToken)
  return {
    ...answer,
    // The claim decides; expires_in tells whole seconds left, which is up to a second less.
    ...(claims.exp === undefined ? {} : { expiresAt: claims.exp * 1000 }),
    header: { ...decodeProtectedHeader(answer.accessToken) },
    claims: { ...claims },
    signature: await checkSignature(domain, store.secrets, answer.accessToken),
    exchange,
  }
}

/** The credentials, wherever they came back in the answer. The token itself is what a person asked for. */
function masked(exchange: ConsoleExchange, credentials: readonly string[]): ConsoleExchange {
  const mask = (text: string) => credentials.reduce((rest, credential) => rest.replaceAll(credential, '••••'), text)
  const headers = exchange.headers.map(({ name, value }) => ({ name, value: mask(value) }))
  return { ...exchange, headers, body: mask(exchange.body) }
}

function tokenAnswer(
  exchange: ConsoleExchange,
): Pick<ConsoleToken, 'accessToken' | 'tokenType' | 'scope' | 'expiresAt'> | undefined {
  const answer = json(exchange.body)
  const { access_token, token_type, expires_in, scope } = answer
  if (typeof access_token !== 'string' || typeof token_type !== 'string') return undefined
  return {
    accessToken: access_token,
    tokenType: token_type,
    ...(typeof scope === 'string' ? { scope } : {}),
    expiresAt: Date.now() + (typeof expires_in === 'number' ? expires_in * 1000 : 0),
  }
}

/** The endpoint's refusal, with the reason that its record knows and the caller is not told. */
function tokenRefused(exchange: ConsoleExchange): ProblemError {
  const { error, error_description } = json(exchange.body)
  const refusal = exchange.record?.refusal
  const told = [error, error_description].filter((part) => typeof part === 'string').join(': ')
  const remedies = refusal?.remedies.map(({ label }) => label).join('; ')
  return new ProblemError({
    key: refusal?.key ?? 'TOKEN_REFUSED',
    status: exchange.status >= 400 && exchange.status <= 599 ? exchange.status : 502,
    title: refusal?.sentence ?? 'The token endpoint did not give a token',
    detail: `It answered ${exchange.status}${told === '' ? '' : ` ${told}`}`,
    remedy: remedies ? `${remedies}.` : 'Look at the application and its scopes in the domain.',
  })
}

function json(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
