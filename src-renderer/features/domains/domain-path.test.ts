import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { DomainPath, ScopeKey } from '@shared/domain'
import { derivePath, pathError, scopeError } from './domain-path'

describe("a domain's path from its name", () => {
  it.each([
    ['Demo', 'demo'],
    ['Orders & Payments', 'orders-payments'],
    ['  Café Zürich  ', 'cafe-zurich'],
    ['Straße 5', 'strasse-5'],
    ['日本', ''],
    ['--- a ---', 'a'],
    ['x'.repeat(80), 'x'.repeat(64)],
    [`${'x'.repeat(63)} y`, 'x'.repeat(63)],
  ])('%j becomes %j', (name, path) => {
    expect(derivePath(name)).toBe(path)
  })
})

// The sentences must agree with the contract, or the form would let through what the operation refuses.
it.each(['demo', 'a', 'a-b', '1', '', '-a', 'a-', 'Demo', 'a b', 'a/b', 'é', 'x'.repeat(64), 'x'.repeat(65)])(
  'judges the path %j as the contract does',
  (path) => {
    expect(pathError(path, []) === undefined).toBe(Value.Check(DomainPath, path))
  },
)

it.each(['read', 'orders:write', 'a.b/c', '', 'two words', 'say"it"', 'back\\slash', 'é', '[x]', 'x'.repeat(129)])(
  'judges the scope %j as the contract does',
  (key) => {
    expect(scopeError(key, []) === undefined).toBe(Value.Check(ScopeKey, key))
  },
)

it('tells of a path or scope that is taken', () => {
  expect(pathError('demo', ['demo'])).toContain('demo')
  expect(scopeError('read', ['read'])).toContain('read')
})
