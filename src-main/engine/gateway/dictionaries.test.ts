import { afterEach, expect, it, vi } from 'vitest'
import { indexDictionaries } from './dictionaries'

afterEach(() => void vi.useRealTimers())

it('a secret that was replaced is kept out of records while requests may still carry it, and no longer', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const of = (secret: string) => [{ key: 'd', values: { s: secret }, secretValues: [secret] }]
  const first = indexDictionaries(of('one'))
  vi.advanceTimersByTime(3_600_000)
  const second = indexDictionaries(of('two'), first)
  expect(second.secretValues).toEqual(['two', 'one'])
  vi.advanceTimersByTime(599_000)
  expect(indexDictionaries(of('two'), second).secretValues).toEqual(['two', 'one'])
  vi.advanceTimersByTime(2000)
  const third = indexDictionaries(of('two'), second)
  expect(third.secretValues).toEqual(['two'])
  expect(indexDictionaries(of('one'), third).secretValues).toEqual(['one', 'two'])
})
