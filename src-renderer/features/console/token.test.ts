import { expect, it } from 'vitest'
import { queryOf, withQuery } from './query'
import { countdown } from './countdown'

it('counts down for reading', () => {
  expect([7_199_000, 245_000, 9999, -5].map(countdown)).toEqual(['1:59:59', '4:05', '9 s', '0 s'])
})

it('reads and writes the query of an address', () => {
  expect(queryOf('http://h/a?b=1&c=%26#x')).toEqual([
    { name: 'b', value: '1' },
    { name: 'c', value: '&' },
  ])
  expect(withQuery('http://h/a?b=1', [{ name: 'q', value: 'a b' }])).toBe('http://h/a?q=a+b')
  expect(withQuery('http://h/a?b=1', [])).toBe('http://h/a')
})
