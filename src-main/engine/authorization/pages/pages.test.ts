import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contrast, textOn } from '@shared/colors'
import { formTargetsOf } from './form-targets'
import { markup, render } from './html'

describe('the colour of a domain', () => {
  it('always has text on it that can be read (WCAG 2.2, 1.4.3)', () => {
    const colorOf = (value: number) => `#${value.toString(16).padStart(6, '0')}`
    const isReadable = (value: number) => contrast(colorOf(value), textOn(colorOf(value))) >= 4.5
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffff }), isReadable), { numRuns: 10_000 })
    for (let grey = 0; grey < 256; grey++) expect([grey, isReadable(grey * 0x010101)]).toEqual([grey, true])
    expect(textOn('#ffffff')).toBe('#050505')
    expect(textOn('#000000')).toBe('#ffffff')
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  })
})

describe('markup', () => {
  it('never lets text out of the place where it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ' ', '=', '/', '-', '`') }),
        (text) => {
          const page = render(markup`<p title="${text}">${text}${[text, text]}</p>`)
          expect(page.match(/[<>]/g)).toHaveLength(4)
          expect(page.match(/"/g)).toHaveLength(2)
        },
      ),
    )
  })

  it('takes markup as it is, and nothing for what is missing', () => {
    const item = (text: string) => markup`<li>${text}</li>`
    expect(render(markup`<ul>${['a', '<b>'].map(item)}${undefined}${false}${7}</ul>`)).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>7</ul>',
    )
  })
})

describe('where a form may lead', () => {
  it.each([
    ['https://shop.example.com/callback', 'https://shop.example.com:* https://*.example.com:*'],
    ['https://example.com/callback', 'https://example.com:* https://*.example.com:*'],
    ['https://example.com:8443/callback', 'https://example.com:* https://*.example.com:*'],
    ['https://shop.co.uk/callback', 'https://shop.co.uk:* https://*.shop.co.uk:*'],
    ['https://www.shop.co.uk/callback', 'https://www.shop.co.uk:* https://*.shop.co.uk:*'],
    ['https://www.shop.de/callback', 'https://www.shop.de:* https://*.shop.de:*'],
    ['https://shop.github.io/callback', 'https://shop.github.io:* https://*.shop.github.io:*'],
    ['https://docs.s3.amazonaws.com/callback', 'https://docs.s3.amazonaws.com:* https://*.docs.s3.amazonaws.com:*'],
    ['http://localhost:3000/callback', 'http://localhost:* http://127.0.0.1:*'],
    ['http://127.0.0.1/callback', 'http://localhost:* http://127.0.0.1:*'],
    ['http://[::1]:3000/callback', 'http:'],
    ['https://[2001:db8::1]/callback', 'https:'],
    ['http://192.0.2.1:3000/callback', 'http://192.0.2.1:*'],
    ['https://intranet/callback', 'https://intranet:*'],
    ['com.example.app:/callback', 'com.example.app:'],
  ])('from %s: %s', (redirectUri, sources) => {
    expect(formTargetsOf(redirectUri).join(' ')).toBe(sources)
  })
})
