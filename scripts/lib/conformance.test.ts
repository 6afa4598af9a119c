import { expect, it } from 'vitest'
import { citationsIn } from './conformance.mjs'

it('finds each place that the name of a test cites', () => {
  expect(citationsIn('refuses it twice (RFC 6749 §3.1, §3.2; RFC 9700) by OpenID Connect Core §3.1.2.1')).toEqual([
    { text: 'RFC 6749', section: '§3.1' },
    { text: 'RFC 6749', section: '§3.2' },
    { text: 'RFC 9700', section: '' },
    { text: 'OpenID Connect Core', section: '§3.1.2.1' },
  ])
  expect(citationsIn('(RFC 6749 appendix B, OpenID Connect Discovery 1.0 §3 and RFC 7518 §3.2 to §3.5)')).toEqual([
    { text: 'RFC 6749', section: 'appendix B' },
    { text: 'OpenID Connect Discovery', section: '§3' },
    { text: 'RFC 7518', section: '§3.2' },
    { text: 'RFC 7518', section: '§3.5' },
  ])
  expect(citationsIn('cites nothing')).toEqual([])
})
