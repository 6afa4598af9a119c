import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EvaluationError } from './evaluation-error'
import { JsonPathError, parseJsonPath } from './json-path'

const store = {
  store: {
    book: [
      { title: 'A', price: 8.95, category: 'reference', tags: ['x'] },
      { title: 'B', price: 12.99, category: 'fiction' },
      { title: 'C', price: 8.99, category: 'fiction', isbn: '0-553' },
    ],
    bicycle: { color: 'red', price: 19.95 },
    "it's": 1,
  },
  limit: 10,
}

describe('JSON paths', () => {
  it.each<[string, unknown]>([
    ['$', store],
    ['$.store.bicycle.color', 'red'],
    ["$['store']['bicycle'].color", 'red'],
    ["$.store['it\\'s']", 1],
    ['$.store.book[0].title', 'A'],
    ['$.store.book[-1].title', 'C'],
    ['$.store.book[9]', null],
    ['$.nothing.at.all', null],
    ['$.store.book[*].title', ['A', 'B', 'C']],
    ['$.store.book[0,2].title', ['A', 'C']],
    ['$.store.book[1:].title', ['B', 'C']],
    ['$.store.book[:-1].title', ['A', 'B']],
    ["$.store.bicycle['color','price']", ['red', 19.95]],
    ['$..price', [8.95, 12.99, 8.99, 19.95]],
    ['$..book[2].title', ['C']],
    ['$.store.book[?(@.isbn)].title', ['C']],
    ['$.store.book[?(!@.isbn)].title', ['A', 'B']],
    ['$.store.book[?(@.price < $.limit)].title', ['A', 'C']],
    ["$.store.book[?(@.category == 'fiction' && @.price > 10)].title", ['B']],
    ["$.store.book[?(@.title == 'A' || (@.price > 12))].title", ['A', 'B']],
    ["$.store.book[?(@.title in ['B', 'C'])].price", [12.99, 8.99]],
    ['$.store.book[?(@.category =~ /FIC.*/i)].title', ['B', 'C']],
    ['$.store.book[?@.price>12].title', ['B']],
    ["$.store.book[?(@.tags[0] == 'x')].title", ['A']],
  ])('%s', (path, value) => expect(parseJsonPath(path).read(store)).toEqual(value))

  it.each([
    ['store', 0, 'starts with $'],
    ['$.', 2, 'a name or *'],
    ['$.a[', 4, 'In brackets come'],
    ["$['a'", 5, 'needs a ]'],
    ['$.a[?(@.b == )]', 13, 'A filter compares'],
    ['$.a[?(@.b == 1]', 14, 'no ) that ends it'],
    ['$.a.length()', 10, 'Functions cannot be used'],
    ['$.a[?(@.b =~ /(?=x)/)]', 20, 'looks around'],
    ['$.a b', 3, 'cannot be read'],
  ])('%s is refused at character %i', (path, at, reason) => {
    try {
      parseJsonPath(path)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(JsonPathError)
      expect(error).toMatchObject({ at, message: expect.stringContaining(reason) as string })
    }
  })

  it('reads any path over any value, or says why not', () => {
    const parts = fc.constantFrom('$', '.', '..', '*', '[', ']', '?(', ')', '@', "'a'", 'a', '0', '-1', ':', ',', '==', '&&', '=~ /a/') // prettier-ignore
    const paths = fc.array(parts, { maxLength: 20 }).map((all) => `$${all.join('')}`)
    fc.assert(
      fc.property(paths, fc.jsonValue(), (path, value) => {
        try {
          parseJsonPath(path).read(value)
        } catch (error) {
          expect(error instanceof JsonPathError || error instanceof EvaluationError).toBe(true)
        }
      }),
      { numRuns: 5000 },
    )
  })
})
