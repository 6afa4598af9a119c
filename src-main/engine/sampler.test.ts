import { expect, it } from 'vitest'
import { createSampler } from './sampler'

it('takes so many in a window, and begins anew with the first call after it', () => {
  let now = 5000
  const next = createSampler({ type: 'windowed_count', count: 2, windowMs: 1000 }, () => now)
  const taken = (ms: number) => {
    now = ms
    return next()
  }
  expect([5000, 5100, 5200, 5999, 6000, 6500, 6900, 9000].map(taken)).toEqual([true, true, false, false, true, true, false, true]) // prettier-ignore
})

it('takes a part by chance', () => {
  const chances = [0, 0.24, 0.25, 0.9]
  const next = createSampler({ type: 'probability', part: 0.25 }, undefined, () => chances.shift()!)
  expect([next(), next(), next(), next()]).toEqual([true, true, false, false])
})
