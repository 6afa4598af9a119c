import { goTo } from './support/appearance'
import { call } from './support/bridge'
import { expectTold, main, newDomain, savingOf } from './support/users'
import { expect, test } from './fixtures'

test('the looks and logins of a domain are set; what is not right is told at the field', async ({ page }) => {
  const domainId = await newDomain(page)
  await goTo(page, `/domains/${domainId}/settings`)
  const save = savingOf(page).getByRole('button', { name: /^Save/ })
  for (const [label, input, says] of [
    ['Session in seconds', '59', /Whole seconds, from 60/],
    ['Session in seconds', '', /Whole seconds, from 60/],
    ['Attempts', '0', /A whole number, from 1 to 1000/],
    ['Attempts', '1.5', /A whole number, from 1 to 1000/],
    ['Block in seconds', '604801', /to 604800 \(7 days\)/],
    ['Colour', 'red', /six hexadecimal digits/],
  ] as const) {
    await expectTold(main(page).getByLabel(label, { exact: true }), input, says)
    await expect(save).toBeDisabled()
    await main(page).getByRole('button', { name: 'Discard' }).click()
  }
  const logo = (name: string, mimeType: string, buffer: Buffer) =>
    page.getByLabel('Logo file').setInputFiles({ name, mimeType, buffer })
  await logo('large.png', 'image/png', Buffer.alloc(257 * 1024))
  await expect(page.getByText(/has 257 KiB; 256 KiB is the most/)).toBeVisible()
  await logo('fake.png', 'image/png', Buffer.from('<html>'))
  await expect(page.getByText(/says that it is PNG, and is not/)).toBeVisible()
  await logo('active.svg', 'image/svg+xml', Buffer.from('<svg onload="alert(1)"></svg>'))
  await expect(page.getByText(/The SVG holds a script/)).toBeVisible()
  await expect(savingOf(page)).toHaveCount(0)
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><rect width="80" height="40"/></svg>'
  await logo('logo.svg', 'image/svg+xml', Buffer.from(svg))
  await expect(page.getByRole('img', { name: 'The logo' })).toBeVisible()
  await main(page).getByLabel('Colour', { exact: true }).fill('#ffd500')
  await expect(page.getByText(/Text on it is black .* On a light page it can hardly be told/)).toBeVisible()
  await main(page).getByLabel('Session in seconds').fill('3600')
  await main(page).getByRole('radio', { name: 'By RFC 9068' }).click()
  await save.click()
  await expect(savingOf(page)).toHaveCount(0)
  expect(await call(page, 'domains.get', { domainId })).toMatchObject({
    ...{ accessTokenFormat: 'rfc9068', loginSettings: { sessionSeconds: 3600, maxLoginAttempts: 10 } },
    branding: { color: '#ffd500', logo: expect.stringMatching(/^data:image\/svg\+xml;base64,/) },
  })
})
