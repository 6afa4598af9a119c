import type { Locator, Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { firstApi } from './support/drafts'
import { expect, test } from './fixtures'

/** What a form answers to one input: the words a person reads beside the field. */
interface BadInput {
  readonly field: string
  readonly input: string
  readonly says: RegExp
}

/** Fills a field of a dialog, tries to finish, and expects to be told why not, with what was typed still there. */
async function expectRefused(page: Page, button: string, { field, input, says }: BadInput): Promise<void> {
  const dialog = page.getByRole('dialog')
  const box = dialog.getByRole('textbox', { name: field, exact: true })
  await box.fill(input)
  await dialog.getByRole('button', { name: button }).click()
  await expect(dialog.getByText(says)).toBeVisible()
  await expect(box).toHaveValue(input)
  await expect(box).toHaveAttribute('aria-invalid', 'true')
}

test('a new domain wants a name and a path of its own', async ({ page }) => {
  await call(page, 'domains.create', { name: 'Taken' })
  await goTo(page, '/domains')
  await page.getByRole('button', { name: 'New domain' }).click()
  const dialog = page.getByRole('dialog', { name: 'New domain' })
  await dialog.getByRole('button', { name: 'Create domain' }).click()
  await expect(dialog.getByText('Give it a name.')).toBeVisible()

  await dialog.getByRole('textbox', { name: 'Name' }).fill('Orders & Łódź')
  for (const bad of [
    { field: 'Path', input: '', says: /needs a path/ },
    { field: 'Path', input: 'Orders', says: /lower case/ },
    { field: 'Path', input: 'my orders', says: /a space/ },
    { field: 'Path', input: '../etc', says: /“\.”/ },
    { field: 'Path', input: '-orders', says: /starts and ends/ },
    { field: 'Path', input: 'x'.repeat(65), says: /At most 64/ },
    { field: 'Path', input: 'taken', says: /Another domain has the path/ },
    { field: 'Name', input: 'n'.repeat(129), says: /At most 128/ },
  ]) {
    if (bad.field === 'Name') await dialog.getByRole('textbox', { name: 'Path' }).fill('orders')
    await expectRefused(page, 'Create domain', bad)
  }
  expect(await call(page, 'domains.list', {})).toHaveLength(1)

  await dialog.getByRole('textbox', { name: 'Name' }).fill('Orders')
  await dialog.getByRole('button', { name: 'Create domain' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible()
})

test('a new application wants a name', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await goTo(page, `/domains/${domain.id}/applications`)
  await page.getByRole('button', { name: 'New application' }).click()
  await expectRefused(page, 'Create application', { field: 'Name', input: '   ', says: /Give it a name/ })
  await expectRefused(page, 'Create application', { field: 'Name', input: 'n'.repeat(129), says: /At most 128/ })
})

test('a scope is what RFC 6749 §3.3 allows, once', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await call(page, 'domains.saveScope', { domainId: domain.id, scope: { key: 'read' } })
  await goTo(page, `/domains/${domain.id}/scopes`)
  await page.getByRole('button', { name: 'New scope' }).click()
  for (const bad of [
    { field: 'Key', input: '', says: /as clients ask for it/ },
    { field: 'Key', input: 'read write', says: /no spaces/ },
    { field: 'Key', input: 'lesen"', says: /printable ASCII/ },
    { field: 'Key', input: 'größe', says: /printable ASCII/ },
    { field: 'Key', input: 'x'.repeat(129), says: /At most 128/ },
    { field: 'Key', input: 'read', says: /has the scope read already/ },
  ]) {
    await expectRefused(page, 'Add scope', bad)
  }
})

test('what an application may not be is told at its field, and cannot be saved', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  const { application } = await call(page, 'applications.create', { domainId: domain.id, name: 'orders-service' })
  const save = page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ })
  for (const { tab, field, input, says } of [
    { tab: 'settings', field: 'Name', input: '', says: /Give it a name/ },
    { tab: 'tokens', field: 'Access tokens', input: '0', says: /Whole seconds/ },
    { tab: 'tokens', field: 'Access tokens', input: '1.5', says: /Whole seconds/ },
    { tab: 'tokens', field: 'Access tokens', input: '31536001', says: /Whole seconds/ },
    { tab: 'tokens', field: 'Access tokens', input: '', says: /Whole seconds/ },
  ]) {
    await goTo(page, `/domains/${domain.id}/applications/${application.id}/${tab}`)
    const box = page.getByLabel(field, { exact: true })
    await box.fill(input)
    await expect(page.getByText(says).first()).toBeVisible()
    await expect(save).toBeDisabled()
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect(save).toHaveCount(0)
  }
})

test('a domain is deleted only by its name', async ({ page }) => {
  const domain = await call(page, 'domains.create', { name: 'Orders' })
  await goTo(page, `/domains/${domain.id}/settings`)
  await page.getByRole('button', { name: /^Delete domain/ }).click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Delete domain' })
  await dialog.getByRole('textbox').fill('orders')
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('textbox').fill('Orders')
  await confirm.click()
  await expect(page.getByRole('heading', { level: 1, name: 'Domains' })).toBeVisible()
  expect(await call(page, 'domains.list', {})).toEqual([])
})

/** Types into a field of a page and expects to be told why that will not do, with what was typed still there. */
async function expectTold(box: Locator, input: string, says: RegExp): Promise<void> {
  await box.fill(input)
  const page = box.page()
  await expect(page.getByText(says).first()).toBeVisible()
  await box.blur()
  await expect(box).toHaveValue(input)
  await expect(box).toHaveAttribute('aria-invalid', 'true')
}

test('a new API wants a name, a free path and an address that can be called', async ({ page }) => {
  await call(page, 'apis.create', { name: 'Taken', path: '/taken' })
  await goTo(page, '/apis')
  await page.getByRole('button', { name: 'New API' }).click()
  const dialog = page.getByRole('dialog', { name: 'New API' })
  await dialog.getByRole('button', { name: 'Create API' }).click()
  await expect(dialog.getByText('Give the API a name.')).toBeVisible()
  await expectRefused(page, 'Create API', { field: 'Name', input: 'taken', says: /an API called taken already/ })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Orders')
  for (const [input, says] of [
    ['', /Give the path that callers use/],
    ['/my orders', /no spaces/],
    ['/orders?x=1', /neither \? nor #/],
    ['/größe', /letters, digits, hyphens and slashes/],
    ['/taken', /Another API is on \/taken/],
    ['/taken/', /Another API is on \/taken/],
  ] as const) {
    await expectRefused(page, 'Create API', { field: 'Path', input, says })
  }
  const path = dialog.getByRole('textbox', { name: 'Path' })
  await path.fill('orders')
  await path.blur()
  await expect(path).toHaveValue('/orders')
  await dialog.getByRole('radio', { name: 'An address' }).click()
  for (const [input, says] of addresses) {
    await expectRefused(page, 'Create API', { field: 'Backend address', input, says })
  }
  expect(await call(page, 'apis.list', {})).toHaveLength(1)
  await dialog.getByRole('textbox', { name: 'Backend address' }).fill('http://127.0.0.1:3000')
  await dialog.getByRole('button', { name: 'Create API' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible()
})

/** Addresses of a backend that will not do. */
const addresses = [
  ['', /Give the backend’s address/],
  ['localhost', /not an address/],
  ['ftp://localhost/', /http, https, grpc or grpcs/],
  ['http://me:secret@localhost/', /carries no credentials/],
  ['http://localhost/#part', /Leave the # part out/],
] as const

test('what an API’s settings may not be is told at the field, and the draft stays as it was', async ({ page }) => {
  await call(page, 'apis.create', { name: 'Taken', path: '/taken' })
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, `/apis/${definition.id}/settings`)
  const name = page.getByRole('textbox', { name: 'Name' })
  await expectTold(name, '   ', /Give the API a name/)
  await expectTold(name, 'Taken', /an API called Taken already/)
  await name.fill('Orders')
  const path = page.getByRole('textbox', { name: 'Path' })
  await expectTold(path, 'orders', /put a \/ in front/)
  await expectTold(path, '/a b', /no spaces/)
  await expectTold(path, '/taken', /Another API is on \/taken/)
  expect((await call(page, 'apis.get', { apiId: definition.id })).definition).toMatchObject({
    name: 'Orders',
    listeners: [{ paths: [{ path: '/orders' }] }],
  })
})

test('what a backend may not be is told at the field, and the draft stays as it was', async ({ page }) => {
  const { definition } = await call(page, 'apis.create', {
    name: 'Orders',
    path: '/orders',
    target: 'http://127.0.0.1:3000',
  })
  await goTo(page, `/apis/${definition.id}/endpoints`)
  const address = page.getByRole('textbox', { name: 'Address' })
  for (const [input, says] of addresses) await expectTold(address, input, says)
  await address.fill('http://127.0.0.1:3000')
  for (const field of ['Connect time-out', 'Read time-out']) {
    const box = page.getByRole('textbox', { name: field })
    for (const input of ['0', '-5', '1.5', 'soon', '3600001'])
      await expectTold(box, input, /whole number|between 1 and 3600000/)
    await box.fill('500')
  }
  await expect(page.getByRole('main').getByText('Saved', { exact: true })).toBeVisible()
  const saved = await call(page, 'apis.get', { apiId: definition.id })
  expect(saved.definition.endpointGroups[0]?.endpoints[0]).toMatchObject({
    configuration: { target: 'http://127.0.0.1:3000' },
    sharedConfigurationOverride: { http: { connectTimeout: 500, readTimeout: 500 } },
  })
})

test('what a flow’s path may not be is told at the field', async ({ page }) => {
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, `/apis/${definition.id}/policies`)
  await page.getByRole('region', { name: /^Flow/ }).getByRole('button', { expanded: false }).first().click()
  const path = page.getByRole('textbox', { name: 'Path' })
  await expectTold(path, 'read', /put a \/ in front/)
  await expectTold(path, '/a b', /no spaces/)
  await expectTold(path, '/a?b', /no spaces, \? or #/)
})

test('what a resource may not be is told at the field, with what was typed', async ({ page }) => {
  await call(page, 'overview.perform', { step: 'resource' })
  const { definition } = await firstApi(page)
  await goTo(page, `/apis/${definition.id}/resources`)
  const name = page.getByRole('textbox', { name: 'Name', exact: true })
  await expectTold(name, '  ', /Give the resource a name/)
  await name.fill('am')
  for (const [field, input, says] of [
    ['Gravitee.io AM Server URL', 'localhost:8092', /http/],
    ['Security domain', 'two words', /Security domain|space|path/i],
  ] as const) {
    const box = page.getByRole('textbox', { name: field })
    const before = await box.inputValue()
    await box.fill(input)
    await expect(box).toHaveAttribute('aria-invalid', 'true')
    await expect(box).toHaveAccessibleDescription(says)
    await expect(box).toHaveValue(input)
    await box.fill(before)
    await expect(box).not.toHaveAttribute('aria-invalid', 'true')
  }
  // What is left out is no mistake of a draft; it keeps the API from being deployed.
  const client = page.getByRole('textbox', { name: 'Client ID' })
  await client.fill('')
  await page.getByRole('region', { name: 'Not deployed yet' }).getByRole('button', { name: 'Deploy' }).click()
  await expect(page.getByRole('main').getByRole('link', { name: 'Resource am' })).toBeVisible()
  await expect(client).toHaveAttribute('aria-invalid', 'true')
  await expect(client).toHaveAccessibleDescription(/Client ID is missing. Fill it in/)

  await page.getByRole('button', { name: 'Add a resource' }).click()
  await page.getByRole('menuitem', { name: /Authorization Server Resource/ }).click()
  await expectTold(name, 'am', /Another resource is called am/)
})

test('a policy without its resource is not deployed, and the way to the field is shown', async ({ page }) => {
  const { definition } = await call(page, 'apis.create', { name: 'Orders', path: '/orders' })
  await goTo(page, `/apis/${definition.id}/policies`)
  await page
    .getByRole('complementary', { name: 'Policies' })
    .getByRole('button', { name: /^OAuth2/ })
    .click()
  await expect(page.getByRole('region', { name: 'Step OAuth2' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Note' }).fill('Only for the north')
  await page.getByRole('region', { name: 'Not deployed yet' }).getByRole('button', { name: 'Deploy' }).click()
  const alert = page.getByRole('alert')
  await expect(alert).toBeVisible()
  await expect(page.getByRole('main').getByRole('link', { name: /step 1 \(OAuth2\)/i })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Step OAuth2' })).toContainText(
    'OAuth2 resource is missing. Fill it in.',
  )
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Only for the north')
  expect((await call(page, 'apis.get', { apiId: definition.id })).deployedRevision).toBeUndefined()
})

test('what the console cannot send is told with its reason, and stays typed', async ({ page }) => {
  await call(page, 'overview.perform', { step: 'deploy' })
  await goTo(page, '/console')
  const address = page.getByRole('textbox', { name: 'Address' })
  const send = page.getByRole('button', { name: 'Send', exact: true })
  const good = await address.inputValue()
  for (const [input, says] of [
    ['', /has no address/],
    ['echo', /address/i],
    ['ftp://127.0.0.1/', /http/],
    ['http://', /address/i],
  ] as const) {
    await address.fill(input)
    await send.click()
    await expect(page.getByRole('alert')).toContainText(says)
    await expect(address).toHaveValue(input)
  }
  await address.fill(good)
  await page.getByRole('tab', { name: 'Headers' }).first().click()
  await page.getByRole('button', { name: 'Add a header' }).click()
  const [name, value] = [page.getByLabel('Name of header 1'), page.getByLabel('Value of header 1')]
  for (const [header, text, says] of [
    ['two words', 'x', /no spaces and no colon/],
    ['X-Größe', 'x', /letters, digits and hyphens/],
    ['Transfer-Encoding', 'chunked', /Transfer-Encoding/],
    ['X-Note', 'größer ☃', /Latin/],
  ] as const) {
    await name.fill(header)
    await value.fill(text)
    await send.click()
    await expect(page.getByRole('alert')).toContainText(says)
    await expect(name).toHaveValue(header)
    await expect(value).toHaveValue(text)
  }
  await expect(page.getByText('The answer stands here once the request is sent.')).toBeHidden()
  await name.fill('X-Note')
  await value.fill('mended')
  await send.click()
  await expect(page.getByRole('region', { name: 'Response', exact: true }).getByRole('status')).toContainText('401')
})

test('what the settings may not be is told at the field, and cannot be saved', async ({ page }) => {
  await goTo(page, '/settings')
  const save = page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ })
  for (const [field, input, says] of [
    ['Name', '  ', /Give it a name/],
    ['Gateway port', '65536', /whole number from 0 to 65535/],
    ['Gateway port', '-1', /whole number from 0 to 65535/],
    ['Gateway port', '', /whole number from 0 to 65535/],
    ['Authorization server port', '80.5', /whole number from 0 to 65535/],
    ['Address to listen on', '', /an address of this machine/],
    ['Address to listen on', 'http://127.0.0.1', /without http/],
    ['Address to listen on', '127.0.0.1:80', /without http/],
    ['Address to listen on', 'my host', /no spaces/],
  ] as const) {
    await expectTold(page.getByLabel(field, { exact: true }), input, says)
    await expect(save).toBeDisabled()
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect(save).toHaveCount(0)
  }
  await page.getByLabel('Gateway port', { exact: true }).fill('18082')
  await expectTold(page.getByLabel('Authorization server port', { exact: true }), '18082', /cannot share a port/)
  await expect(save).toBeDisabled()
  expect(await call(page, 'workspace.get', {})).toMatchObject({ name: 'Lab', host: '127.0.0.1', gatewayPort: 0 })
})

test('an address that this machine does not have is told at the field, and the servers stay where they are', async ({
  page,
}) => {
  await goTo(page, '/settings')
  const host = page.getByLabel('Address to listen on', { exact: true })
  await host.fill('192.0.2.1')
  await expect(page.getByText(/can call both servers/)).toBeVisible()
  await page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ }).click()
  await expect(host).toHaveAttribute('aria-invalid', 'true')
  await expect(host).toHaveAccessibleDescription(/192\.0\.2\.1/)
  await expect(host).toHaveValue('192.0.2.1')
  await expect(page.getByRole('button', { name: /^Gateway .* is listening/ })).toBeVisible()
  expect(await call(page, 'workspace.get', {})).toMatchObject({ host: '127.0.0.1' })

  await host.fill('0.0.0.0')
  await expect(page.getByText(/Tokens name an address of this machine alone/)).toBeVisible()
  await host.fill('127.0.0.1')
  const publicAddress = page.getByLabel('Public address of the authorization server', { exact: true })
  await publicAddress.fill('login.example.com/auth')
  await page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ }).click()
  await expect(publicAddress).toHaveAttribute('aria-invalid', 'true')
  await expect(publicAddress).toHaveAccessibleDescription(/nothing behind its port/)
  await publicAddress.fill('https://login.example.com')
  await page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ }).click()
  await expect(publicAddress).not.toHaveAttribute('aria-invalid', 'true')
  await expect
    .poll(() => call(page, 'workspace.get', {}))
    .toMatchObject({ host: '127.0.0.1', publicAuthorizationAddress: 'https://login.example.com' })
})
