import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { application, domain, scopeSettings, startTestServer, type TestServer } from '../../testing'

const WEB = application({
  id: 'application-web',
  name: 'Web',
  type: 'web',
  clientId: 'web',
  grantTypes: ['authorization_code'],
  redirectUris: [
    'https://shop.example/callback',
    'https://shop.example/with?query=1',
    'http://localhost:3000/callback',
    'http://127.0.0.1:3000/callback',
    // What an import may have brought in.
    'javascript:alert(1)',
    'data:text/html,x',
    'https://shop.example/fragment#here',
    'not an address',
  ],
  scopeSettings: scopeSettings(['read']),
})
const NATIVE = application({
  ...WEB,
  id: 'application-native',
  type: 'native',
  clientId: 'native',
  redirectUris: [
    'http://127.0.0.1/callback',
    'http://[::1]:8000/callback?a=b',
    'http://localhost/callback',
    'com.example.app:/callback',
    'https://app.example/callback',
  ],
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(domain({ applications: [WEB, NATIVE] }))
})
afterAll(() => server.stop())

/** Whether the address is taken: told by the login page, as opposed to an error page. Never by leaving for the address. */
async function isTaken(clientId: string, redirectUri: string): Promise<boolean> {
  const query = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri })
  const address = `${server.address}/orders/oauth/authorize?${query.toString()}`
  const response = await fetch(address, { redirect: 'manual' })
  const location = response.headers.get('location')
  if (location === null) {
    expect([redirectUri, response.status]).toEqual([redirectUri, 400])
    return false
  }
  expect(location).toMatch(/^\/orders\/login\?transaction=/)
  return true
}

describe('a redirect address', () => {
  it.each([
    'https://shop.example/callback',
    'https://shop.example/with?query=1',
    'http://localhost:3000/callback',
    'http://127.0.0.1:3000/callback',
  ])('that is registered is taken: %s', async (address) => {
    expect(await isTaken('web', address)).toBe(true)
  })

  it.each([
    'https://SHOP.example/callback',
    'HTTPS://shop.example/callback',
    'http://shop.example/callback',
    'https://shop.example/Callback',
    'https://shop.example/callback/',
    'https://shop.example/callback?',
    'https://shop.example/callback?a=b',
    'https://shop.example/callback#',
    'https://shop.example/callback#a',
    'https://shop.example/callback/../callback',
    'https://shop.example/./callback',
    'https://shop.example//callback',
    'https://shop.example/callback/sub',
    'https://shop.example/callback%2F',
    'https://shop.example/%63allback',
    'https://shop.example/callback%00',
    'https://shop.example/callback ',
    ' https://shop.example/callback',
    'https://shop.example/callback\n',
    'https://shop.example:443/callback',
    'https://shop.example:8443/callback',
    'https://shop.example./callback',
    'https://shop.example@evil.example/callback',
    'https://user@shop.example/callback',
    'https://user:pass@shop.example/callback',
    'https://shop.example.evil.example/callback',
    'https://evil.example/https://shop.example/callback',
    'https://evil.example\\@shop.example/callback',
    'https:shop.example/callback',
    'https:///shop.example/callback',
    'https:\\\\shop.example\\callback',
    '//shop.example/callback',
    '/callback',
    'shop.example/callback',
    'https://shop.example/with',
    'https://shop.example/with?query=2',
    'https://shop.example/with?query=1&x=2',
    'https://shop.example/with?query=%31',
    'http://localhost:3001/callback',
    'http://localhost/callback',
    'http://127.0.0.1:3001/callback',
    'https://shоp.example/callback', // with a Cyrillic о
    'https://xn--shp-hgd.example/callback',
    'https://shop.example/callback,https://evil.example',
    'https://shop.example/callback https://evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://shop.example/fragment#here',
    'https://shop.example/fragment',
    'not an address',
  ])('that is not exactly one that is registered is not (RFC 9700 §2.1): %j', async (address) => {
    expect(await isTaken('web', address)).toBe(false)
  })

  it.each([
    'http://127.0.0.1/callback',
    'http://127.0.0.1:1/callback',
    'http://127.0.0.1:51004/callback',
    'http://[::1]/callback?a=b',
    'http://[::1]:65535/callback?a=b',
    'http://localhost/callback',
    'com.example.app:/callback',
    'https://app.example/callback',
  ])('of a native application may have any port of this machine (RFC 8252 §7.3): %s', async (address) => {
    expect(await isTaken('native', address)).toBe(true)
  })

  it.each([
    'http://localhost:51004/callback',
    'https://app.example:8443/callback',
    'https://127.0.0.1:51004/callback',
    'http://127.0.0.2:51004/callback',
    'http://127.1:51004/callback',
    'http://2130706433:51004/callback',
    'http://0x7f.0.0.1:51004/callback',
    'http://127.0.0.1.evil.example:51004/callback',
    'http://127.0.0.1:51004@evil.example/callback',
    'http://127.0.0.1:51004:80/callback',
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:65536/callback',
    'http://127.0.0.1:+80/callback',
    'http://127.0.0.1:51004/',
    'http://127.0.0.1:51004/callback/',
    'http://127.0.0.1:51004/callback?a=b',
    'http://127.0.0.1:51004/callback#a',
    'http://127.0.0.1:51004\\callback',
    'http://user@127.0.0.1:51004/callback',
    'http://[::1]:51004/callback',
    'http://[::1%251]:51004/callback?a=b',
    'http://[0:0:0:0:0:0:0:1]:51004/callback?a=b',
    'http://[::ffff:127.0.0.1]:51004/callback',
    'com.example.app://callback',
    'com.example.app:/callback/x',
    'com.example.application:/callback',
  ])('of a native application has nothing else free: %s', async (address) => {
    expect(await isTaken('native', address)).toBe(false)
  })
})
