import { describe, expect, it } from 'vitest'
import { compileDomains } from '../compiled-domain'
import { domain } from '../testing'
import { clearCookie, readCookie, setCookie } from './cookies'

const [orders, twin] = [domain(), domain({ id: 'domain-2', path: 'twin' })].map((each) =>
  compileDomains([each], new Map()).get(each.path)!,
)
const HTTPS = { domain: orders!, origin: 'https://login.example' }
const HTTP = { domain: orders!, origin: 'http://127.0.0.1:8092' }
const VALUE = 'v'.repeat(43)
const sent = (at: typeof HTTPS, cookie: string) => readCookie({ ...at, headers: { cookie } }, 'session')

describe('a cookie', () => {
  it('over https has the prefix __Host-, which no other host and no page without https can set', () => {
    const line = setCookie(HTTPS, 'session', VALUE)
    expect(line).toMatch(/^__Host-gatehouse-session-orders-[0-9a-f]{8}=v{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    expect(sent(HTTPS, line.split(';')[0]!)).toBe(VALUE)
  })

  it('over http is sent to its domain alone, and is not taken over https', () => {
    const line = setCookie(HTTP, 'session', VALUE)
    expect(line).toMatch(/^gatehouse-session-orders-[0-9a-f]{8}=v{43}; Path=\/orders\/; HttpOnly; SameSite=Lax$/)
    expect(sent(HTTP, line.split(';')[0]!)).toBe(VALUE)
    expect(sent(HTTPS, line.split(';')[0]!)).toBeUndefined()
  })

  it('has a name of its own in each domain, also where the path is the same, and for each purpose', () => {
    const other = compileDomains([domain({ id: 'domain-3' })], new Map()).get('orders')!
    const names = [orders!, twin!, other].flatMap((each) =>
      (['session', 'browser'] as const).map(
        (purpose) => setCookie({ ...HTTPS, domain: each }, purpose, VALUE).split('=')[0],
      ),
    )
    expect(new Set(names).size).toBe(6)
  })

  it('is found among others, the first of its name, and only with a value that could be ours', () => {
    const name = setCookie(HTTP, 'session', VALUE).split('=')[0]!
    expect(sent(HTTP, `a=b; x${name}=${'x'.repeat(43)}; ${name}=${VALUE}; ${name}=${'w'.repeat(43)}`)).toBe(VALUE)
    for (const value of ['', 'short', `${VALUE}v`, `"${VALUE}"`, `${VALUE}=`]) {
      expect(sent(HTTP, `${name}=${value}`)).toBeUndefined()
    }
  })

  it('is taken back with the attributes that it was set with', () => {
    for (const at of [HTTPS, HTTP]) {
      const [set, clear] = [setCookie(at, 'session', VALUE), clearCookie(at, 'session')]
      expect(clear.replace('=; Max-Age=0;', `=${VALUE};`)).toBe(set)
    }
  })
})
