import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileFor } from './app-files'

const folder = resolve('/opt/gatehouse/renderer')

describe('the file behind a path of the window', () => {
  it.each([
    ['/', 'index.html'],
    ['/index.html', 'index.html'],
    ['/assets/index-B1.js', join('assets', 'index-B1.js')],
    ['/assets/Inter%20Bold.woff2', join('assets', 'Inter Bold.woff2')],
    ['/a/../index.html', 'index.html'],
  ])('%s is %s', (pathname, file) => {
    expect(fileFor(folder, pathname)).toBe(join(folder, file))
  })

  it.each([
    '/../main/index.js',
    '/%2e%2e/main/index.js',
    '/..%2f..%2fpackage.json',
    '/a%00.js',
    '/%',
    '/..',
    '/%2e%2e%2frenderer-2/x.js',
  ])('%s is none', (pathname) => {
    expect(fileFor(folder, pathname)).toBeUndefined()
  })
})
