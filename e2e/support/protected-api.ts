import type { Page } from '@playwright/test'
import { call } from './bridge'

/** A deployed API behind the OAuth2 policy, with what a client needs to call it. */
export interface ProtectedApi {
  readonly endpoint: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  /** `Authorization` of the application. */
  readonly basic: string
}

/** The addresses of both servers, which listen on ports of their own in every start. */
export async function addresses(page: Page): Promise<{ gateway: string; authorization: string }> {
  const { gateway, authorization } = await call(page, 'engine.status', {})
  if (gateway.state !== 'listening' || authorization.state !== 'listening') throw new Error('A server does not listen')
  return { gateway: gateway.address, authorization: authorization.address }
}

/** Has the app do the walk-through up to the deployment. */
export async function makeProtectedApi(page: Page): Promise<ProtectedApi> {
  await call(page, 'overview.perform', { step: 'deploy' })
  const [domain] = await call(page, 'domains.list', {})
  const [application] = domain?.applications ?? []
  if (domain === undefined || application === undefined) throw new Error('The walk-through made no application')
  // The secret was shown when it was made; a new one is shown to whoever makes it.
  const { clientSecret } = await call(page, 'applications.rotateSecret', {
    domainId: domain.id,
    applicationId: application.id,
  })
  const { gateway, authorization } = await addresses(page)
  return {
    endpoint: gateway + (await apiPath(page)),
    tokenEndpoint: `${authorization}/${domain.path}/oauth/token`,
    revocationEndpoint: `${authorization}/${domain.path}/oauth/revoke`,
    basic: `Basic ${Buffer.from(`${application.clientId}:${clientSecret}`).toString('base64')}`,
  }
}

/** Context path of the first API. */
export async function apiPath(page: Page): Promise<string> {
  const [api] = await call(page, 'apis.list', {})
  const path = api?.definition.listeners[0]?.paths[0]?.path
  if (path === undefined) throw new Error('There is no API')
  return path
}

/** Gets a token by client credentials. */
export async function getToken({ tokenEndpoint, basic }: ProtectedApi): Promise<string> {
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { Authorization: basic },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

/** Status of a call with a token, or without one. */
export async function callStatus(endpoint: string, token?: string): Promise<number> {
  const response = await fetch(endpoint, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } })
  return response.status
}
