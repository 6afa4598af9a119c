import { expect, it } from 'vitest'
import { derivePath, pathError, targetError } from './api-path'

it('offers a path made from the name', () => {
  expect(['Echo', 'Read orders!', 'Überweisungen', '—'].map(derivePath)).toEqual([
    '/echo',
    '/read-orders',
    '/uberweisungen',
    '',
  ])
})

it('says what is wrong with a path', () => {
  expect(pathError('/echo', ['/orders'])).toBeUndefined()
  expect(pathError('/echo/', ['/echo'])).toContain('/echo already')
  for (const bad of ['', 'echo', '/a b', '/a?b', '/ä']) expect(pathError(bad, []), bad).toBeDefined()
})

it('says what is wrong with a backend address', () => {
  for (const good of [
    'gatehouse:echo',
    'http://127.0.0.1:3000',
    'https://example.org/base',
    'grpc://127.0.0.1:50051/words.Words',
  ])
    expect(targetError(good), good).toBeUndefined()
  for (const bad of ['', 'localhost', 'ftp://x', 'http://user:pass@host', 'http://x/#a'])
    expect(targetError(bad), bad).toBeDefined()
})
