import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lineDiff, withContext, type DiffLine } from './line-diff'

const told = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`)

it('tells changed lines between those that stay', () => {
  expect(told(lineDiff('a\nb\nc\nd', 'a\nc\nx\nd'))).toEqual([' a', '-b', ' c', '+x', ' d'])
  expect(told(lineDiff('', 'a'))).toEqual(['-', '+a'])
  expect(told(lineDiff('a', 'a'))).toEqual([' a'])
})

it('holds both texts, whatever they are', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before, after)
      const without = (kind: DiffLine['kind']) =>
        lines
          .filter((line) => line.kind !== kind)
          .map((line) => line.text)
          .join('\n')
      expect(without('added')).toBe(before)
      expect(without('removed')).toBe(after)
    }),
  )
})

it('leaves out what is alike and far from a difference', () => {
  const lines = lineDiff('1\n2\n3\n4\n5\n6\n7\n8\n9', '1\n2\n3\n4\n5\n6\n7\n8\nx')
  expect(withContext(lines)).toEqual([
    { kind: 'skipped', count: 5 },
    { kind: 'same', text: '6' },
    { kind: 'same', text: '7' },
    { kind: 'same', text: '8' },
    { kind: 'removed', text: '9' },
    { kind: 'added', text: 'x' },
  ])
  expect(withContext(lineDiff('a', 'a'))).toEqual([])
})
