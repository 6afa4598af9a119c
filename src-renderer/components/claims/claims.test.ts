import { expect, it } from 'vitest'
import { showClaim } from './claims'

it('shows times as times', () => {
  expect(showClaim('exp', 1_800_000_000)).toMatch(/2027.*\(1800000000\)/)
  expect(showClaim('aud', ['a'])).toBe('["a"]')
})
