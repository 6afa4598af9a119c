import type { ConsoleExchange, HeaderList } from '@shared/console'
import type { MessageParameter, TryItExchange } from '@shared/try-it'
import { sendCall } from '../console/send'
import type { Context } from '../context'
import type { Client } from './client'

type Sent = Pick<TryItExchange, 'request' | 'answer'>

const MASK = '••••••••'
/** Parameters by which a client proves who it is. */
const SECRET_PARAMETERS = new Set(['client_secret', 'client_assertion'])

/** Sends a form to an endpoint of the domain in the name of the application, by its own authentication method. */
export async function sendForm(
  context: Context,
  client: Client,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<Sent> {
  const proof = await client.proof()
  const url = `${client.address}${path}`
  const headers = [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded' }, ...proof.headers]
  const parameters = { ...form, ...proof.form }
  const answer = await sendCall(context, {
    method: 'POST',
    url,
    headers,
    body: new URLSearchParams(parameters).toString(),
  })
  return {
    request: { method: 'POST', url, headers: shownHeaders(headers), parameters: shownParameters(parameters) },
    answer: withoutSecret(answer, client.secret),
  }
}

/** Asks userinfo with an access token, which is shown: it is the person's own. */
export async function askUserinfo(context: Context, client: Client, accessToken: string): Promise<Sent> {
  const url = `${client.address}/oidc/userinfo`
  const headers = [{ name: 'Authorization', value: `Bearer ${accessToken}` }]
  const answer = await sendCall(context, { method: 'GET', url, headers })
  return { request: { method: 'GET', url, headers, parameters: [] }, answer: withoutSecret(answer, client.secret) }
}

function shownHeaders(headers: HeaderList): HeaderList {
  return headers.map(({ name, value }) => ({
    name,
    value: name === 'Authorization' ? value.replace(/ .*$/, ` ${MASK}`) : value,
  }))
}

function shownParameters(parameters: Readonly<Record<string, string>>): MessageParameter[] {
  return Object.entries(parameters).map(([name, value]) => ({
    name,
    value: SECRET_PARAMETERS.has(name) ? MASK : value,
  }))
}

/** The secret, should it have come back in the answer. */
function withoutSecret(exchange: ConsoleExchange, secret: string | undefined): ConsoleExchange {
  if (secret === undefined) return exchange
  const headers = exchange.headers.map(({ name, value }) => ({ name, value: value.replaceAll(secret, MASK) }))
  return { ...exchange, headers, body: exchange.body.replaceAll(secret, MASK) }
}
