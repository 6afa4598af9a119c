import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { Agent, fetch } from 'undici'
import { testCredentials } from '../src-main/certificates/testing'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { addresses } from './support/protected-api'
import { expect, test } from './fixtures'

const run = promisify(execFile)

const status = (page: Page) => page.getByRole('contentinfo', { name: 'Status' })
const https = (page: Page) => page.getByRole('region', { name: 'HTTPS' })
const host = (address: string) => new URL(address).host

/** Switches HTTPS on or off at both servers, as a person does. */
async function switchBoth(page: Page): Promise<void> {
  await goTo(page, '/settings')
  await page.getByRole('switch', { name: 'HTTPS at the gateway' }).click()
  await page.getByRole('switch', { name: 'HTTPS at the authorization server' }).click()
  const bar = page.getByRole('region', { name: 'Unsaved changes' })
  await bar.getByRole('button', { name: /^Save/ }).click()
  await expect(bar).toHaveCount(0)
}

/** The command of a way to trust the authority, as it is shown. */
async function commandFor(page: Page, way: string): Promise<string> {
  await https(page).getByRole('button', { name: way, exact: true }).click()
  return await https(page)
    .getByRole('region', { name: `command 1 for ${way}` })
    .innerText()
}

test('HTTPS is switched on, trusted, called, and switched off', async ({ desktop: { app }, page, places }) => {
  await call(page, 'overview.perform', { step: 'deploy' })
  const before = await addresses(page)
  await goTo(page, '/console')
  await page.getByRole('textbox', { name: 'Address' }).fill(`${before.gateway}/echo`)

  await test.step('both servers move to https:// on their ports', async () => {
    await switchBoth(page)
    for (const [name, address] of [
      ['Gateway', before.gateway],
      ['Authorization server', before.authorization],
    ] as const)
      await expect(
        status(page).getByRole('button', { name: new RegExp(`^${name}\\s*https://${host(address)}\\s*is listening`) }),
      ).toBeVisible()
    expect(await addresses(page)).toEqual({
      gateway: before.gateway.replace('http:', 'https:'),
      authorization: before.authorization.replace('http:', 'https:'),
    })
    const document = await readFile(join(places.workspace, 'gatehouse.json'), 'utf8')
    expect(JSON.parse(document)).toMatchObject({ tls: { gateway: true, authorization: true, certificate: 'local' } })
    expect(document).not.toContain('PRIVATE')
  })

  const file = join(places.workspace, 'gatehouse-ca.pem')
  const pem = await readFile(file, 'utf8')

  await test.step('the certificate is shown, copied and saved', async () => {
    const authority = https(page).getByLabel('certificate authority', { exact: true })
    await expect(authority).toContainText(new X509Certificate(pem).fingerprint256)
    await expect(authority).toContainText(file)
    await https(page).getByRole('button', { name: 'Copy certificate' }).click()
    await expect(https(page).getByRole('button', { name: 'Copied certificate' })).toBeVisible()
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(pem)

    const copy = join(places.home, 'copy.pem')
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
    }, copy)
    await https(page).getByRole('button', { name: 'Save certificate…' }).click()
    await expect(page.getByText(`Saved as ${copy}`, { exact: true })).toBeVisible()
    expect(await readFile(copy, 'utf8')).toBe(pem)
  })

  await test.step('the lines for curl and Node do what they say', async () => {
    const { gateway } = await addresses(page)
    const curl = await run('sh', ['-c', await commandFor(page, 'curl')])
    expect(curl.stdout).toContain('No context-path matches the request URI.')
    const node = (await commandFor(page, 'Node')).replace(
      'node app.js',
      `'${process.execPath}' -e 'fetch("${gateway}/echo").then(({ status }) => process.stdout.write(String(status)))'`,
    )
    expect((await run('sh', ['-c', node])).stdout).toBe('401')
    for (const way of ['macOS', 'Windows', 'Debian, Ubuntu', 'Fedora'])
      expect(await commandFor(page, way)).toContain(file)
    await https(page).getByRole('button', { name: 'Firefox' }).click()
    await expect(https(page)).toContainText('View Certificates → Authorities → Import')
  })

  await test.step('the console calls it, is refused, gets a token and is answered', async () => {
    const { gateway } = await addresses(page)
    await goTo(page, '/console')
    const address = page.getByRole('textbox', { name: 'Address' })
    const send = page.getByRole('button', { name: 'Send', exact: true })
    await expect(address).toHaveValue(`${gateway}/echo`)
    await address.fill(`${gateway.replace('https:', 'http:')}/echo`)
    await send.click()
    await expect(page.getByRole('alert')).toContainText(/The gateway speaks HTTPS at .*Write https:\/\//)

    await address.fill(`${gateway}/echo`)
    await send.click()
    const response = page.getByRole('region', { name: 'Response', exact: true })
    const why = page.getByRole('complementary', { name: 'Why' })
    await expect(response.getByRole('status')).toContainText('401')
    await why.getByRole('button', { name: 'Get a token' }).click()
    await expect(response.getByRole('status')).toContainText('200')
    await expect(response.getByRole('region', { name: 'response body' })).toContainText('"X-Forwarded-Proto": "https"')
    await page.getByRole('button', { name: 'Copy the request as curl' }).click()
    await expect(page.getByRole('button', { name: 'Copied the request as curl' })).toBeVisible()
    const line = await app.evaluate(({ clipboard }) => clipboard.readText())
    expect((await run('sh', ['-c', line])).stdout).toMatch(/^HTTP\/(1\.1|2) 200 /)
  })

  await test.step('any client that trusts the authority is served, and no other', async () => {
    const { gateway, authorization } = await addresses(page)
    const agent = new Agent({ connect: { ca: pem } })
    expect((await fetch(`${gateway}/echo`, { dispatcher: agent })).status).toBe(401)
    const metadata = await fetch(`${authorization}/demo/oidc/.well-known/openid-configuration`, { dispatcher: agent })
    expect(await metadata.json()).toMatchObject({ issuer: `${authorization}/demo/oidc` })
    await agent.close()
    await expect(fetch(gateway)).rejects.toMatchObject({ cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } })
    await goTo(page, '/')
    await expect(page.getByRole('region', { name: 'call without a token' })).toContainText(`--cacert ${file}`)
  })

  await test.step('it is switched off again', async () => {
    await switchBoth(page)
    expect(await addresses(page)).toEqual(before)
    expect((await fetch(`${before.gateway}/echo`)).status).toBe(401)
    await expect(https(page)).toContainText('Both servers speak HTTP')
  })
})

test('a certificate of their own is told what is wrong with it, served, and given up', async ({ page }) => {
  await switchBoth(page)
  const local = await call(page, 'certificates.get', {})
  const { certificate, key } = await testCredentials(['gateway.example'])
  await https(page).getByRole('button', { name: 'Use a certificate of your own…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Use a certificate of your own' })
  const [certificateField, keyField] = [
    dialog.getByRole('textbox', { name: 'Certificate' }),
    dialog.getByRole('textbox', { name: 'Private key' }),
  ]
  const use = dialog.getByRole('button', { name: 'Use it' })

  await use.click()
  await expect(certificateField).toHaveAccessibleDescription(/Paste the certificate/)
  await certificateField.fill(certificate)
  await keyField.fill((await testCredentials()).key)
  await use.click()
  await expect(keyField).toHaveAccessibleDescription(/not the key of the certificate/)
  await expect(keyField).toHaveAttribute('aria-invalid', 'true')
  expect((await call(page, 'workspace.get', {})).tls).toMatchObject({ certificate: 'local' })

  await dialog
    .locator('input[type=file]')
    .nth(1)
    .setInputFiles({
      ...{ name: 'server.key', mimeType: 'application/x-pem-file' },
      buffer: Buffer.from(key),
    })
  await use.click()
  await expect(dialog).toHaveCount(0)
  await expect(https(page)).toContainText(new X509Certificate(certificate).fingerprint256)
  await expect(https(page).getByRole('status')).toContainText(/not for 127\.0\.0\.1/)

  await https(page).getByRole('button', { name: 'Use the local authority again…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Use the local authority', exact: true }).click()
  await expect(https(page)).toContainText(local.authority!.fingerprint)
})

test('a new authority takes the place of the one before', async ({ page }) => {
  await switchBoth(page)
  const { authority } = await call(page, 'certificates.get', {})
  await expect(https(page)).toContainText(authority!.fingerprint)
  await https(page).getByRole('button', { name: 'New authority…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make a new authority' }).click()
  await expect(https(page)).not.toContainText(authority!.fingerprint)
  const after = await call(page, 'certificates.get', {})
  await expect(https(page)).toContainText(after.authority!.fingerprint)
})

test('a call to a server of a private authority leads to where it is trusted, and then succeeds', async ({ page }) => {
  const credentials = await testCredentials()
  const server = createServer({ cert: credentials.certificate, key: credentials.key }, (_request, response) =>
    response.end('from the company'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { subject } = new X509Certificate(credentials.authority)
  const name = /CN=(.*)/.exec(subject)![1]!

  await call(page, 'overview.perform', { step: 'deploy' })
  await goTo(page, '/console')
  await page.getByRole('textbox', { name: 'Address' }).fill(url)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('alert').getByRole('link', { name: 'Open the trusted authorities' }).click()
  await expect(page.getByRole('heading', { name: 'Trusted authorities' })).toBeFocused()

  const section = page.getByRole('region', { name: 'Trusted authorities' })
  await section.getByRole('button', { name: 'Add an authority…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Trust an authority' })
  const field = dialog.getByRole('textbox', { name: 'Certificate' })
  await dialog.getByRole('button', { name: 'Trust it' }).click()
  await expect(field).toHaveAccessibleDescription(/Paste the certificate/)
  await field.fill(credentials.certificate)
  await dialog.getByRole('button', { name: 'Trust it' }).click()
  await expect(field).toHaveAccessibleDescription(/is not that of an authority/)
  await dialog
    .locator('input[type=file]')
    .setInputFiles({ name: 'ca.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(credentials.authority) })
  await dialog.getByRole('button', { name: 'Trust it' }).click()
  await expect(section.getByLabel(`trusted authority ${name}`, { exact: true })).toContainText(
    new X509Certificate(credentials.authority).fingerprint256,
  )

  await section.getByRole('button', { name: `Remove ${name}` }).click()
  await expect(section.getByRole('listitem')).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(section.getByRole('listitem')).toHaveCount(1)

  await goTo(page, '/console')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(page.getByRole('region', { name: 'response body' })).toContainText('from the company')
  server.close().closeAllConnections()
})
