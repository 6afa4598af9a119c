import fc from 'fast-check'
import { expect, it } from 'vitest'
import { elementLines } from './json-lines'

it('finds the line of every element, however it is laid out and whatever stands in it', () => {
  const list = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 })
  fc.assert(
    fc.property(list, list, fc.constantFrom(0, 1, 2, '\t'), (users, other, indent) => {
      for (const value of [users, { before: [other], other, users, after: { users: other } }]) {
        const text = JSON.stringify(value, null, indent)
        const name = Array.isArray(value) ? '' : 'users'
        const lines = elementLines(text).get(name)!
        expect(lines).toHaveLength(users.length)
        const texts = text.split('\n')
        lines.forEach((line, index) => {
          const beginning = JSON.stringify(users[index], null, indent).split('\n')[0]!
          expect(texts[line - 1]).toContain(beginning.trim())
        })
        expect([...lines]).toEqual([...lines].sort((one, next) => one - next))
      }
    }),
  )
})

it('is not led astray by brackets and quotes in texts', () => {
  expect(elementLines('{\n"users": [\n"]\\"[",\n{"a": "},{", "b": [1,\n2]},\n3\n]}').get('users')).toEqual([3, 4, 6])
})
