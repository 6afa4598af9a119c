import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readRequestPath } from './request-path'
import { createRouter } from './router'

const segment = fc.oneof(
  fc.constantFrom('..', '.', '%2e%2E', '', 'echo', 'admin', '%61dmin', 'a;b', ';b', '..;', '%2f', '..%2f', '%5c', '\\'),
  fc.stringMatching(/^[a-z0-9%.]{0,6}$/),
)

it('never gives the backend a path that leads elsewhere than what was matched', () => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
      const path = readRequestPath(`/${segments.join('/')}`)
      if (typeof path === 'string') return
      const atBackend = decodeURIComponent(new URL(`http://h${path.raw}`).pathname)
      expect(atBackend.split('/').filter(Boolean)).toEqual(path.matched.split('/').filter(Boolean))
    }),
  )
})

it.each(['/a/..;/b', '/a/..;x=1/b', '/a/.;/b', '/;x/b', '/b/;x', '/a/..%3b/b', '/a/%2e%2E;/b'])(
  'refuses %s, which a server that strips path parameters first reads as another path',
  (target) => {
    expect(readRequestPath(target)).toMatch(/parameters/)
  },
)

it('takes path parameters behind a name', () => {
  expect(readRequestPath('/a..;x/b;y=1')).toEqual({ raw: '/a..;x/b;y=1', matched: '/a..;x/b;y=1', query: '' })
})

it('finds what a search through all context paths finds', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 })
    .map((parts) => parts.map((p) => `/${p}`).join(''))
  fc.assert(
    fc.property(fc.uniqueArray(path), path, (routes, wanted) => {
      const longest = routes
        .filter((route) => wanted === route || wanted.startsWith(`${route}/`))
        .sort((a, b) => b.length - a.length)[0]
      expect(createRouter(new Map(routes.map((route) => [route, route]))).find(wanted)?.contextPath).toBe(longest)
    }),
  )
})
