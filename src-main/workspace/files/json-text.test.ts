import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createOrdering, formatJson, freeze } from './json-text'

const schema = {
  properties: {
    name: {},
    users: { items: { properties: { id: {}, name: {}, address: { properties: { street: {}, town: {} } } } } },
  },
}

it('writes members in the order of the schema, unknown ones after them', () => {
  const value = { other: 1, users: [{ town: 1, address: { town: 2, street: 1 }, id: 3 }], name: undefined }
  expect(formatJson(value, schema)).toBe(
    `${JSON.stringify({ users: [{ id: 3, address: { street: 1, town: 2 }, town: 1 }], other: 1 }, null, 2)}\n`,
  )
})

it('has every value as its own text would be read again', () => {
  const ordering = createOrdering(schema)
  const anything = fc.anything({ withNullPrototype: false, withBigInt: false, maxDepth: 4 })
  fc.assert(
    fc.property(fc.record({ users: fc.array(fc.oneof(fc.dictionary(fc.string(), anything), anything)) }), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      for (const ordered of [ordering(plain), ordering(freeze(structuredClone(plain)))]) {
        expect(JSON.parse(JSON.stringify(ordered))).toEqual(plain)
        expect(ordered).toEqual(plain)
      }
    }),
  )
  expect(ordering({ n: Number.NaN, list: [undefined, Infinity] })).toEqual({ n: null, list: [null, null] })
})

it('keeps what is frozen and in order as the object that it is', () => {
  const ordering = createOrdering(schema)
  const first = freeze(
    ordering({
      users: [
        { id: 1, name: 'a' },
        { name: 'b', id: 2 },
      ],
    }),
  )
  const changed = freeze(ordering({ ...first, users: [first.users[0]!, { ...first.users[1]!, name: 'c' }] }))
  expect(changed.users[0]).toBe(first.users[0])
  expect(changed.users[1]).toEqual({ id: 2, name: 'c' })
  expect(ordering(changed)).toBe(changed)
  const loose = { users: [first.users[0]!] }
  expect(ordering(loose)).not.toBe(loose)
})
