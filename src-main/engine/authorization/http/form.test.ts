import { describe, expect, it } from 'vitest'
import { readBody, readParameters } from './form'

describe('reading parameters', () => {
  it('counts no value of a parameter that stands twice or is broken, whichever comes first (RFC 6749 §3.1)', () => {
    for (const text of ['a=1&a=2&b=3', 'a=1&a=%zz&b=3', 'a=%zz&a=1&b=3', 'a=1&a=%00&b=3', 'a=1&a=2&a=3&b=3']) {
      const { form, flawed, flaws } = readParameters(text)
      expect([...form], text).toEqual([['b', '3']])
      expect([...flawed.keys()], text).toEqual(['a'])
      expect(flaws.length, text).toBeGreaterThan(0)
    }
  })

  it('keeps all values of a parameter that may stand more than once (RFC 8707 §2)', () => {
    const { form, lists, flaws } = readParameters('resource=b&scope=read&resource=&resource=a', ['resource'])
    expect([...form]).toEqual([['scope', 'read']])
    expect(lists.get('resource')).toEqual(['b', 'a'])
    expect(flaws).toEqual([])
    const broken = readParameters('resource=a&resource=%zz', ['resource'])
    expect(broken.flaws).toHaveLength(1)
    expect([...broken.flawed.keys()]).toEqual(['resource'])
  })

  it('refuses bytes that are not UTF-8 as a whole', () => {
    const { form, flaws } = readBody(Buffer.from([...Buffer.from('a=1&b='), 0xff]))
    expect([...form]).toEqual([])
    expect(flaws).toMatchObject([{ reason: { key: 'FORM_NOT_UTF8' } }])
    expect([...readBody(Buffer.from('a=ü')).form]).toEqual([['a', 'ü']])
  })
})
