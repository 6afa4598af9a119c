import { expect, it } from 'vitest'
import { createFolding, FOLDED_WITHIN_MS, WRITTEN_ONE_BY_ONE, type NewEntry } from './folding'

const entryAt = (at: number): NewEntry => ({
  id: `request-${at}`,
  at,
  event: 'token',
  outcome: 'refused',
  status: 401,
  sentence: 'The secret is wrong',
})

it('a flood of the same is some entries a minute, each minute anew, and none is left out of the count', () => {
  const folding = createFolding()
  const written: NewEntry[] = []
  const SENT = 3000
  for (let i = 0; i < SENT; i++) {
    const entry = entryAt(i * 100)
    if (folding.take(entry, 'the same')) written.push(entry)
    if (i % 100 === 0) written.push(...folding.counted(entry.at))
  }
  expect(folding.take(entryAt(SENT * 100), 'another')).toBe(true)
  written.push(...folding.counted(Infinity))
  const minutes = (SENT * 100) / FOLDED_WITHIN_MS
  expect(written).toHaveLength(minutes * (WRITTEN_ONE_BY_ONE + 1))
  expect(written.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(SENT)
  expect(folding.counted(Infinity)).toEqual([])
})
