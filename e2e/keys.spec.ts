import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { enter, tabTo } from './support/keyboard'
import { changeDocument } from './support/workspace'
import { expect, test } from './fixtures'

const KID = 'default-gravitee-AM-key'

/** A domain with one key, seen at its keys. */
async function atKeys(page: Page): Promise<string> {
  const { id } = await call(page, 'domains.create', { name: 'Orders', signingAlgorithm: 'HS256' })
  await goTo(page, `/domains/${id}/keys`)
  return id
}
const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name })
const more = async (page: Page, kid: string, action: string) => {
  await page.getByRole('button', { name: `More for ${kid}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('a key is added, made the default, rotated with an overlap, given another end and removed', async ({ page }) => {
  const domainId = await atKeys(page)
  await expect(row(page, KID)).toContainText('Default')
  await page.getByRole('button', { name: 'Add key' }).click()
  const add = page.getByRole('dialog', { name: 'Add a key' })
  await add.getByRole('combobox', { name: 'Algorithm' }).click()
  await expect(page.getByRole('option', { name: /^HS256/ })).toBeDisabled()
  await page.getByRole('option', { name: /^PS256/ }).click()
  await add.getByRole('combobox', { name: 'Size' }).click()
  await page.getByRole('option', { name: '3072 bits' }).click()
  await add.getByRole('button', { name: 'Add key' }).click()
  await expect(row(page, /PS256, 3072 bits/)).toContainText('Active')

  const [, pair] = (await call(page, 'domains.get', { domainId })).keys
  await more(page, pair!.kid, 'Make it the default')
  await expect(row(page, pair!.kid)).toContainText('Default')
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(row(page, KID)).toContainText('Default')

  await page.getByRole('button', { name: `Rotate ${KID}` }).click()
  const rotate = page.getByRole('dialog', { name: `Rotate ${KID}` })
  await expect(rotate.getByText('2 hours, the longest token lifetime here')).toBeVisible()
  const overlap = rotate.getByRole('spinbutton', { name: 'Overlap in seconds' })
  for (const bad of ['-1', '1.5', '31536001']) {
    await overlap.fill(bad)
    await expect(rotate.getByText(/Whole seconds, from 0/)).toBeVisible()
    await rotate.getByRole('button', { name: 'Rotate key' }).click()
    await expect(overlap).toHaveValue(bad)
  }
  await overlap.fill('3600')
  await rotate.getByRole('button', { name: 'Rotate key' }).click()
  await expect(rotate).toHaveCount(0)
  await expect(row(page, KID)).toContainText('Retired')
  const rotated = (await call(page, 'domains.get', { domainId })).keys
  expect(rotated).toMatchObject([
    { algorithm: 'HS256', status: 'active' },
    { kid: KID, status: 'retired' },
    { algorithm: 'PS256', status: 'active' },
  ])
  const end = Date.parse(rotated[1]!.expiresAt!)
  expect(end).toBeGreaterThan(Date.now() + 3_500_000)
  expect(end).toBeLessThanOrEqual(Date.now() + 3_600_000)

  await more(page, KID, 'Change when it is over…')
  const change = page.getByRole('dialog', { name: `When ${KID} is over` })
  await change.getByRole('spinbutton', { name: 'Overlap in seconds' }).fill('0')
  await expect(change.getByText('refused at once')).toBeVisible()
  await change.getByRole('button', { name: 'Change' }).click()
  await expect(row(page, KID)).toContainText('Over')

  await page.getByRole('button', { name: `Remove ${KID}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove key' }).click()
  await expect(row(page, KID)).toHaveCount(0)

  await more(page, rotated[2]!.kid, 'Retire…')
  await page.getByRole('dialog').getByRole('button', { name: 'Retire key' }).click()
  await expect(row(page, rotated[2]!.kid)).toContainText('Retired')
  // The only one that signs can be rotated, not retired.
  await page.getByRole('button', { name: `More for ${rotated[0]!.kid}` }).click()
  await expect(page.getByRole('menuitem', { name: 'Export secret…' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: 'Retire…' })).toHaveCount(0)
})

test('a key is imported from a file or a text, and what is no key is told at its field', async ({ page, places }) => {
  const domainId = await atKeys(page)
  await page.getByRole('button', { name: 'Import key' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import a key' })
  const key = dialog.getByRole('textbox', { name: 'Private key' })
  const kid = dialog.getByRole('textbox', { name: 'Key id (kid)' })
  const submit = dialog.getByRole('button', { name: 'Import key' })
  await expect(key).toBeFocused()
  await submit.click()
  await expect(dialog.getByText('Paste the private key, or read it from a file.')).toBeVisible()

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' })
  for (const [text, says] of [
    ['hunter2', /neither PEM nor a JWK/],
    [JSON.stringify(publicKey.export({ format: 'jwk' })), /is a public key: its private part \(d\) is missing/],
    [publicKey.export({ format: 'pem', type: 'spki' }).toString(), /no private key, only PUBLIC KEY/],
    [JSON.stringify({ ...jwk, use: 'enc' }), /not for signing/],
    [JSON.stringify(jwk).slice(0, -3), /not valid JSON/],
  ] as const) {
    await key.fill(text)
    await submit.click()
    await expect(dialog.getByText(says)).toBeVisible()
    await expect(key).toHaveValue(text.replaceAll('\r', ''))
    await expect(key).toHaveAttribute('aria-invalid', 'true')
  }
  await key.fill(JSON.stringify(jwk))
  await kid.fill(KID)
  await submit.click()
  await expect(dialog.getByText(`The domain Orders has a key called ${KID} already`)).toBeVisible()
  await kid.fill('mine')
  await submit.click()
  await expect(dialog).toHaveCount(0)
  await expect(row(page, 'mine')).toContainText('ES256')

  const pem = join(places.home, 'old.pem')
  const old = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  await writeFile(pem, old.export({ format: 'pem', type: 'pkcs1' }))
  await page.getByRole('button', { name: 'Import key' }).click()
  await expect(key, 'what was typed before is a secret').toHaveValue('')
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Read a file…' }).click()
  await (await chooser).setFiles(pem)
  await expect(key).toHaveValue(/BEGIN RSA PRIVATE KEY/)
  await kid.fill('theirs')
  await dialog.getByRole('radio', { name: /^Verify only/ }).click()
  await submit.click()
  await expect(row(page, 'theirs')).toContainText('you remove it')
  expect((await call(page, 'domains.get', { domainId })).keys).toMatchObject([
    { kid: KID, status: 'active' },
    { kid: 'mine', status: 'active', algorithm: 'ES256' },
    { kid: 'theirs', status: 'retired', algorithm: 'RS256', modulusBits: 2048 },
  ])
})

test('a public key is shown at once, a private one only once its kid is typed, with the keyboard alone', async ({
  page,
}) => {
  const domainId = await atKeys(page)
  const [, pair] = (await call(page, 'keys.add', { domainId, algorithm: 'ES256' })).keys
  const { kid } = pair!
  const choose = async (action: string) => {
    await enter(page, page.getByRole('button', { name: `More for ${kid}` }))
    const items = page.getByRole('menuitem')
    await expect(items.first()).toBeFocused()
    const at = (await items.allInnerTexts()).indexOf(action)
    for (let step = 1; step <= at; step += 1) {
      await page.keyboard.press('ArrowDown')
      await expect(items.nth(step)).toBeFocused()
    }
    await page.keyboard.press('Enter')
  }

  await choose('Export public key…')
  const shown = page.getByRole('dialog', { name: `Public key of ${kid}` })
  const text = shown.getByRole('region', { name: 'public key' })
  await expect(text).toContainText(`"kid": "${kid}"`)
  await expect(text).not.toContainText('"d"')
  await tabTo(page, shown.getByRole('radio', { name: 'JWK' }))
  // Held until it is seen, as a finger does: the choice follows the focus while the key is down.
  await page.keyboard.down('ArrowRight')
  await expect(shown.getByRole('radio', { name: 'PEM' })).toBeChecked()
  await page.keyboard.up('ArrowRight')
  await expect(text).toContainText('-----BEGIN PUBLIC KEY-----')
  await page.keyboard.press('Escape')
  await expect(shown).toHaveCount(0)

  await choose('Export private key…')
  const confirm = page.getByRole('dialog', { name: `Private export of ${kid}` })
  const show = confirm.getByRole('button', { name: 'Show the private key' })
  const box = confirm.getByRole('textbox')
  await expect(box).toBeFocused()
  await page.keyboard.type(kid.slice(0, -1))
  await expect(show).toBeDisabled()
  await page.keyboard.press('Enter')
  await page.keyboard.type(kid.slice(-1))
  // A form takes no Enter while its button is disabled, and that is drawn anew a moment after the last letter.
  await expect(show).toBeEnabled()
  await page.keyboard.press('Enter')
  const secret = confirm.getByRole('region', { name: 'private key' })
  await expect(secret).toContainText('"d"')
  await page.keyboard.press('Escape')
  await expect(page.getByText('"d"')).toHaveCount(0)
  await expect(page.getByRole('button', { name: `More for ${kid}` })).toBeFocused()
})

test('a schedule is saved, says what it rotates at once, and is turned off', async ({ page, places }) => {
  const domainId = await atKeys(page)
  const schedule = page.getByRole('switch', { name: 'Rotate the active keys by themselves' })
  const days = page.getByRole('spinbutton', { name: 'Every so many days' })
  const save = page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: /^Save/ })
  await schedule.click()
  for (const bad of ['0', '1.5', '', '3651']) {
    await days.fill(bad)
    await expect(page.getByText(/Whole days, from 1/)).toBeVisible()
    await expect(save).toBeDisabled()
  }
  await days.fill('30')
  await save.click()
  await expect(row(page, KID)).toContainText('rotated in 30 days')
  expect((await call(page, 'domains.get', { domainId })).keyRotation).toEqual({ everyDays: 30 })
  await schedule.click()
  await save.click()
  await expect(row(page, KID)).toContainText('you rotate it')
  expect(await call(page, 'domains.get', { domainId })).not.toHaveProperty('keyRotation')

  const longAgo = new Date(Date.now() - 45 * 86_400_000).toISOString()
  await changeDocument(join(places.workspace, 'domains', 'orders.json'), ({ keys, ...domain }) => ({
    ...domain,
    keys: (keys as object[]).map((key) => ({ ...key, createdAt: longAgo })),
  }))
  await expect(row(page, KID)).toContainText('45 days ago')
  await schedule.click()
  await days.fill('60')
  await expect(page.getByText('rotated when you save')).toHaveCount(0)
  await days.fill('30')
  await expect(page.getByText(`${KID} is older than that and is rotated when you save.`)).toBeVisible()
  await save.click()
  await expect(row(page, KID)).toContainText('Retired')
})
