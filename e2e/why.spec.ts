import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { configured, firstApplication, redeploy, withTarget } from './support/drafts'
import { closedPort } from './support/ports'
import { addresses, apiPath, makeProtectedApi } from './support/protected-api'

const status = (page: Page): Locator => page.getByRole('region', { name: 'Response', exact: true }).getByRole('status')
const why = (page: Page): Locator => page.getByRole('complementary', { name: 'Why' })

async function send(page: Page, answer: string): Promise<void> {
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(status(page)).toContainText(answer)
}

/** Gets a token by the console's own button, and waits for its chip. */
async function getToken(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Get token' }).click()
  await expect(page.getByRole('button', { name: /^Token/ })).toBeVisible()
}

/** What was refused, said with its key. */
async function expectReason(page: Page, key: string, sentence: RegExp): Promise<void> {
  await expect(why(page).getByText(key)).toBeVisible()
  await expect(why(page).getByText(sentence)).toBeVisible()
}

test('a token without the required scope: one click gives the application the scope and calls again', async ({
  page,
}) => {
  await makeProtectedApi(page)
  await redeploy(page, (api) =>
    configured(api, { steps: { checkRequiredScopes: true, requiredScopes: ['write'], modeStrict: true } }),
  )
  await goTo(page, '/console')
  await getToken(page)
  await send(page, '401')
  await expectReason(page, 'OAUTH2_INSUFFICIENT_SCOPE', /scope write is required; the token has none/)
  await expect(why(page).getByText('Required scopes')).toBeVisible()

  await why(page).getByRole('button', { name: 'Give the application write' }).click()
  await expect(status(page)).toContainText('200')
  const { domain } = await firstApplication(page)
  expect(domain.scopes.map(({ key }) => key)).toContain('write')
  expect(domain.applications[0]?.scopeSettings.map(({ scope }) => scope)).toContain('write')
})

test('an expired token: the chip and the reason say so, and one click renews it', async ({ page }) => {
  await makeProtectedApi(page)
  const { domainId, applicationId } = await firstApplication(page)
  await call(page, 'applications.update', { domainId, applicationId, accessTokenValiditySeconds: 1 })
  await goTo(page, '/console')
  await getToken(page)
  await expect(page.getByRole('button', { name: /^Token expired/ })).toBeVisible()
  await send(page, '401')
  await expectReason(page, 'OAUTH2_INVALID_ACCESS_TOKEN', /expired/)

  await call(page, 'applications.update', { domainId, applicationId, accessTokenValiditySeconds: 7200 })
  await page.getByRole('button', { name: 'Renew' }).click()
  await expect(page.getByRole('button', { name: /^Token, .* left/ })).toBeVisible()
  await send(page, '200')
})

test('a revoked token: the reason says so, and one click gets another and calls again', async ({ page }) => {
  const { basic, revocationEndpoint } = await makeProtectedApi(page)
  await goTo(page, '/console')
  await getToken(page)
  await send(page, '200')
  await page.getByRole('button', { name: /^Token/ }).click()
  const token = await page.getByRole('dialog').getByRole('region', { name: 'access token', exact: true }).innerText()
  await page.keyboard.press('Escape')
  const revoked = await fetch(revocationEndpoint, {
    method: 'POST',
    headers: { Authorization: basic },
    body: new URLSearchParams({ token }),
  })
  expect(revoked.status).toBe(200)

  await send(page, '401')
  await expectReason(page, 'OAUTH2_INVALID_ACCESS_TOKEN', /revoked/)
  await why(page).getByRole('button', { name: 'Get a token' }).click()
  await expect(status(page)).toContainText('200')
})

test('an API that is not deployed: the reason says so, and one click deploys it and calls again', async ({ page }) => {
  await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, '/console')
  await page.getByRole('textbox', { name: 'Address' }).fill(`${(await addresses(page)).gateway}/orders/7`)
  await send(page, '404')
  await expectReason(page, 'GATEWAY_NO_CONTEXT_PATH', /Orders.*not deployed/)
  await why(page).getByRole('button', { name: 'Deploy Orders' }).click()
  await expect(status(page)).toContainText('200')
})

test('a path of no API: the reason says so and leads to the APIs', async ({ page }) => {
  await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, '/console')
  await page.getByRole('textbox', { name: 'Address' }).fill(`${(await addresses(page)).gateway}/ordersnot`)
  await send(page, '404')
  await expectReason(page, 'GATEWAY_NO_CONTEXT_PATH', /No deployed API has a context path/)
  await expect(why(page).getByRole('button', { name: /^Deploy/ })).toHaveCount(0)
  await why(page).getByRole('button', { name: 'Open the APIs' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'APIs' })).toBeVisible()
})

test('a backend that is down: 502, why, and the way to the endpoints', async ({ page }) => {
  await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  const port = await closedPort()
  await redeploy(page, (api) => withTarget(api, `http://127.0.0.1:${port}`))
  await goTo(page, '/console')
  await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue(/\/orders$/)
  await send(page, '502')
  await expectReason(page, 'GATEWAY_BACKEND_REFUSED', /refuses connections: nothing listens there/)
  await expect(why(page).getByText(`http://127.0.0.1:${port}`, { exact: false }).first()).toBeVisible()
  await why(page).getByRole('button', { name: 'Open the API' }).click()
  await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue(`http://127.0.0.1:${port}`)
})

test('a call of gRPC to an endpoint over HTTP/1.1: why, and the way to its protocol', async ({ page }) => {
  const backend = createServer().listen(0, '127.0.0.1')
  await once(backend, 'listening')
  await call(page, 'apis.create', { name: 'Words', path: '/words.Words' })
  await redeploy(page, (api) => withTarget(api, `http://127.0.0.1:${(backend.address() as AddressInfo).port}`))
  const { gateway } = await addresses(page)
  const headers = { 'content-type': 'application/grpc', te: 'trailers' }
  const answer = await fetch(`${gateway}/words.Words/Say`, { method: 'POST', headers, body: 'x' })
  expect(answer.headers.get('grpc-status')).toBe('14')
  await goTo(page, '/traffic')
  await page.getByRole('button', { name: /words\.Words/ }).click()
  await page.getByRole('button', { name: 'Open the endpoint' }).click()
  await expect(page.getByRole('radio', { name: 'HTTP/1.1' })).toBeFocused()
  await page.getByRole('radio', { name: 'HTTP/2' }).click()
  await expect(page.getByRole('region', { name: 'Not deployed yet' })).toBeVisible()
  await new Promise((resolve) => backend.close(resolve))
})

test('an authorization server that refuses the resource’s secret: 503, why, and the way to the resource', async ({
  page,
}) => {
  await makeProtectedApi(page)
  await redeploy(page, (api) => configured(api, { resources: { clientSecret: 'not the secret' } }))
  await goTo(page, '/console')
  expect(await apiPath(page)).not.toBe('')
  await getToken(page)
  await send(page, '503')
  await expectReason(page, 'OAUTH2_SERVER_UNAVAILABLE', /client id and secret|credentials|secret/)
  await why(page)
    .getByRole('button', { name: /^Open the resource/ })
    .click()
  await expect(page.getByRole('heading', { name: 'Gravitee AM Authorization Server Resource' })).toBeVisible()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await expect(page.getByText(/Check the client ID and the client secret/)).toBeVisible()
})
