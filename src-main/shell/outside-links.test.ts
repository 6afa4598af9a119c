import { describe, expect, it } from 'vitest'
import { mayOpenOutside } from './outside-links'

describe('links that open in the browser', () => {
  it('are those to the texts that Gatehouse names', () => {
    expect(mayOpenOutside('https://www.rfc-editor.org/rfc/rfc6750#section-3')).toBe(true)
  })

  it.each([
    'http://www.rfc-editor.org/rfc/rfc6750',
    'https://rfc-editor.org.evil.example/',
    'https://www.rfc-editor.org@evil.example/',
    'https://user:pass@www.rfc-editor.org/',
    'https://www.rfc-editor.org:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://github.com/share',
    'not an address',
  ])('are not %s', (address) => {
    expect(mayOpenOutside(address)).toBe(false)
  })
})
