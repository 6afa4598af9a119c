import { expect, it } from 'vitest'
import { colorError, colorHint } from './color-hint'

it('says what can be read on a colour, and where it is lost', () => {
  expect(colorHint('#284bdb')).toMatch(/^Text on it is white \(contrast 6\.7 : 1\)\. On a dark page .* \(2\.6 : 1\)/)
  expect(colorHint('#767676')).toBe('Text on it is white (contrast 4.5 : 1).')
  expect(colorHint('#ffd500')).toMatch(/^Text on it is black .* On a light page it can hardly be told/)
  expect(colorHint('#101014')).toMatch(/^Text on it is white .* On a dark page it can hardly be told/)
})

it('tells what is no colour', () => {
  expect([colorError(''), colorError('#A0b1c2')]).toEqual([undefined, undefined])
  for (const color of ['red', '#fff', '#12345', '284bdb', '#12345g'])
    expect(colorError(color)).toMatch(/six hexadecimal/)
})
