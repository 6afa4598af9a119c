import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
let domainId: string
beforeEach(async () => {
  workspace = await openTestWorkspace()
  domainId = (await workspace.call('domains.create', { name: 'Demo' })).id
})
afterEach(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

const update = (change: object) => workspace.call('domains.update', { domainId, ...change })
const errorOf = async (change: object) => {
  const { key, errors } = await workspace.problem('domains.update', { domainId, ...change })
  expect(key).toBe('INPUT_INVALID')
  expect(errors).toHaveLength(1)
  return errors![0]!
}
const dataUri = (type: string, bytes: string | Buffer) =>
  `data:${type};base64,${Buffer.from(bytes as string, 'latin1').toString('base64')}`
const svg = (text: string) => dataUri('image/svg+xml', text)
const PNG = '\x89PNG\r\n\x1a\n'

describe('the looks of a domain', () => {
  it.each([
    ['PNG', dataUri('image/png', `${PNG}…`)],
    ['JPEG', dataUri('image/jpeg', '\xff\xd8\xff\xe0…')],
    ['WebP', dataUri('image/webp', 'RIFF\x00\x00\x00\x00WEBPVP8 ')],
    [
      'SVG',
      svg('<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'),
    ],
  ])('are a logo as %s, and a colour', async (_kind, logo) => {
    expect(await update({ branding: { logo, color: '#A0B0C0' } })).toMatchObject({
      branding: { logo, color: '#a0b0c0' },
    })
    const { branding } = await update({ branding: {} })
    expect(branding).toEqual({})
  })

  it.each([
    ['another kind of file', dataUri('image/gif', 'GIF89a'), /Base64/],
    ['not Base64', 'data:image/png;base64,%%%', /Base64/],
    ['cut off', 'data:image/png;base64,iVBOR', /Base64/],
    ['an address', 'https://example.org/logo.png', /Base64/],
    ['a JPEG that calls itself PNG', dataUri('image/png', '\xff\xd8\xff'), /says that it is PNG/],
    ['an SVG that is HTML', svg('<html><svg></svg></html>'), /says that it is SVG/],
    ['an SVG with a script', svg('<svg><script>alert(1)</script></svg>'), /holds a script/],
    ['an SVG that acts', svg('<svg onload="alert(1)"></svg>'), /holds a script/],
    ['an SVG that loads', svg('<svg><image href="https://example.org/x.png"/></svg>'), /reference to another/],
    ['an SVG with entities', svg('<svg><!ENTITY a "b"></svg>'), /document type/],
    ['too large', dataUri('image/png', PNG + '0'.repeat(256 * 1024)), /257 KiB/],
    ['far too large', dataUri('image/png', PNG + '0'.repeat(400 * 1024)), /at most 350000/],
  ])('take no logo that is %s', async (_what, logo, message) => {
    const { field, message: told, remedy } = await errorOf({ branding: { logo } })
    expect([field, told]).toEqual(['/branding/logo', expect.stringMatching(message)])
    expect(remedy).toBeTruthy()
  })

  it('take no colour but one of six digits', async () => {
    for (const color of ['red', '#fff', '#12345g', ''])
      expect(await errorOf({ branding: { color } })).toMatchObject({
        field: '/branding/color',
        message: expect.stringContaining('is not a colour'),
      })
  })
})

describe('the login settings of a domain', () => {
  it('are saved, and stay when something else is changed', async () => {
    const loginSettings = { sessionSeconds: 3600, maxLoginAttempts: 3, accountBlockedSeconds: 60 }
    await update({ loginSettings, accessTokenFormat: 'rfc9068' })
    expect(await update({ description: 'x' })).toMatchObject({ loginSettings, accessTokenFormat: 'rfc9068' })
  })

  it.each([
    [{ loginSettings: { sessionSeconds: 59 } }, '/loginSettings/sessionSeconds'],
    [{ loginSettings: { maxLoginAttempts: 0 } }, '/loginSettings/maxLoginAttempts'],
    [{ loginSettings: { maxLoginAttempts: 1.5 } }, '/loginSettings/maxLoginAttempts'],
    [{ loginSettings: { accountBlockedSeconds: 604_801 } }, '/loginSettings/accountBlockedSeconds'],
    [{ accessTokenFormat: 'opaque' }, '/accessTokenFormat'],
  ])('that are not right are refused: %j', async (change, field) => {
    expect(await errorOf(change)).toMatchObject({ field, remedy: expect.any(String) })
  })
})
