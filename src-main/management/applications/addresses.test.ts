import { describe, expect, it } from 'vitest'
import { withApplications } from './testing'

const { workspace, domainId, check, errorsOf } = withApplications()

describe('a redirect address', () => {
  it.each([
    ['https://app.example.com/callback?tenant=1'],
    ['https://app.example.com:8443'],
    ['http://localhost:3000/callback'],
    ['http://127.0.0.1/callback'],
    ['http://[::1]:3000/callback'],
  ])('%s is taken', async (address) => {
    expect(await check('web', { redirectUris: [address] })).toEqual({ errors: [], warnings: [] })
  })

  it.each([
    ['http://app.example.com/callback', /http to app\.example\.com/],
    ['http://localhost.example.com/callback', /http to localhost\.example\.com/],
    ['https://app.example.com/callback#done', /fragment/],
    ['https://*.example.com/callback', /wildcard/],
    ['https://app.example.com/*', /wildcard/],
    ['https://me:secret@app.example.com/', /name or password/],
    ['https://@app.example.com/', /name or password/],
    ['https://app.example.com\\@evil.example/', /character \\/],
    ['https://app.example.com/a b', /space/],
    [' https://app.example.com/', /space/],
    ['https://app.example.com/größe', /character ö/],
    ['https://app.example.com/100%', /%/],
    ['https:///callback', /no host/],
    ['https:app.example.com', /no host/],
    ['https://', /no host/],
    ['/callback', /not a whole address/],
    ['app.example.com/callback', /not a whole address/],
    ['javascript:alert(1)', /does not lead back/],
    ['data:text/html,hello', /does not lead back/],
    ['com.example.app:/callback', /only a native/],
  ])('%s is refused', async (address, says) => {
    const { errors } = await check('web', { redirectUris: ['https://fine.example.com/', address] })
    expect(errors).toMatchObject([{ field: '/redirectUris/1', message: expect.stringMatching(says) as string }])
    expect(errors[0]!.remedy).toBeTruthy()
    const problem = await workspace().problem('applications.create', {
      ...{ domainId: domainId(), name: 'a web', type: 'web', redirectUris: ['https://fine.example.com/', address] },
    })
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors })
  })

  it('is taken once', async () => {
    const address = 'https://app.example.com/'
    expect(await errorsOf('web', { redirectUris: [address, address] })).toEqual({
      '/redirectUris/1': 'It is in the list already',
    })
  })

  it('of a native application may have a scheme of its own, a reversed domain name preferably (RFC 8252 §7.1)', async () => {
    expect(await check('native', { redirectUris: ['com.example.app:/callback'] })).toEqual({ errors: [], warnings: [] })
    expect(await check('native', { redirectUris: ['myapp://callback'] })).toMatchObject({
      errors: [],
      warnings: [{ field: '/redirectUris/0', message: expect.stringContaining('myapp:') as string }],
    })
  })
})

it('an origin is what a browser sends, and a resource an absolute address (RFC 6454 §6.1, RFC 8707 §2)', async () => {
  const allowedOrigins = [
    'https://App.example.com',
    'https://app.example.com/',
    'null',
    '*',
    'https://app.example.com:443',
  ]
  expect(Object.keys(await errorsOf('browser', { allowedOrigins }))).toEqual(
    allowedOrigins.map((_, index) => `/allowedOrigins/${index}`),
  )
  expect(await errorsOf('browser', { allowedOrigins: ['https://app.example.com', 'http://localhost:5173'] })).toEqual(
    {},
  )
  expect(await errorsOf('native', { allowedOrigins: ['capacitor://localhost'] })).toEqual({})
  const allowedResources = ['orders', 'https://api.example.com/#part']
  expect(Object.keys(await errorsOf('service', { allowedResources }))).toEqual([
    '/allowedResources/0',
    '/allowedResources/1',
  ])
  expect(await errorsOf('service', { allowedResources: ['urn:example:orders', 'https://api.example.com'] })).toEqual({})
})
