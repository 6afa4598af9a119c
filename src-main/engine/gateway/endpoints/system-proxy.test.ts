import { describe, expect, it } from 'vitest'
import { systemProxy } from './system-proxy'

const environment = {
  HTTP_PROXY: 'http://plain:3128',
  https_proxy: 'secure:3129',
  NO_PROXY: 'localhost, .internal, exact.example:8080',
}

describe('the system’s proxy', () => {
  it.each([
    ['http://backend.example/', 'http://plain:3128/'],
    ['https://backend.example/', 'http://secure:3129/'],
    ['http://localhost:3000/', undefined],
    ['https://a.internal/', undefined],
    ['https://internal/', undefined],
    ['https://notinternal/', 'http://secure:3129/'],
    ['http://exact.example/', undefined],
  ])('for %s is %s', (target, proxy) => {
    expect(systemProxy(new URL(target), environment)?.href).toBe(proxy)
  })

  it('is none where none is named, or NO_PROXY names everything', () => {
    expect(systemProxy(new URL('http://a/'), {})).toBeUndefined()
    expect(systemProxy(new URL('http://a/'), { ...environment, NO_PROXY: '*' })).toBeUndefined()
    expect(systemProxy(new URL('http://a/'), { ALL_PROXY: 'http://all:1' })?.port).toBe('1')
  })
})
