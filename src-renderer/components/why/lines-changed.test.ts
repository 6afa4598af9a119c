import { expect, it } from 'vitest'
import { linesChanged } from './lines-changed'

const told = (before: string, after: string) =>
  linesChanged(before, after).map(({ kind, text }) => `${{ kept: ' ', removed: '-', added: '+' }[kind]}${text}`)

it('lays JSON out, and shows only the members that changed', () => {
  expect(told('{"a":1,"b":2}', '{"a":1,"b":3,"c":4}')).toEqual([' {', '   "a": 1,', '-  "b": 2', '+  "b": 3,', '+  "c": 4', ' }']) // prettier-ignore
})

it.each([
  ['a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['', 'new', ['+new']],
  ['old', '', ['-old']],
  ['same', 'same', [' same']],
])('%j to %j', (before, after, lines) => expect(told(before, after)).toEqual(lines))

it('tells long texts as a whole', () => {
  const long = 'x\n'.repeat(300)
  expect(linesChanged(long, 'y')).toHaveLength(302)
})
