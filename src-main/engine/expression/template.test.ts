import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../gateway/exchange'
import { contextOf } from './exchange-context'
import { ExpressionError } from './expression-error'
import { parseCondition, parseTemplate } from './template'

const exchange = {
  transactionId: 't',
  api: { id: 'a', name: 'Echo', revision: 1, properties: { k: 'v' } },
  request: {
    method: 'GET', path: '/echo/7', contextPath: '/echo', pathInfo: '/7', query: new URLSearchParams('q=1&q=2'),
    headers: { 'x-kind': 'Test' }, pathParams: { id: '7' }, remoteAddress: '127.0.0.1', scheme: 'http', host: 'h', timestamp: 1,
  },
  response: { status: 200, headers: {} },
  attributes: new Map([['oauth.client_id', 'client']]),
  trace: undefined,
} satisfies Exchange // prettier-ignore
const evaluate = (text: string) => parseTemplate(text).evaluate(contextOf(exchange))

describe('expressions', () => {
  it.each([
    ["{#request.headers['X-Kind'][0]}", 'Test'],
    ["{#request.headers['none'][0]}", null],
    ["{#request.params['q'][1]}", '2'],
    ["{#request.pathParams['id'][0]}", '7'],
    ["{#context.attributes['oauth.client_id']}", 'client'],
    ["{#api.properties['k']}", 'v'],
    ["{#response.status == 200 && #request.method eq 'GET'}", true],
    ["{#request.path.startsWith('/echo') ? 'yes' : 'no'}", 'yes'],
    ["{#request.path matches '/echo/\\d+'}", true],
    ["{#request.path matches '/ech'}", false],
    ["{#request.path.matches('(?i)/ECHO/.')}", true],
    ["{('line\nbreak') matches 'line.break'}", true],
    ['id {#request.pathInfo.length()} of {#request.contextPath}', 'id 2 of /echo'],
    ["{#request.headers['x-kind'][0].constructor}", null],
    ['{#context.attributes.constructor}', null],
    ['{"json": true}', '{"json": true}'],
  ])('%s gives %j', (text, value) => expect(evaluate(text)).toEqual(value))

  it.each([
    ['{#request.content}', 10, 'cannot be read'],
    ['{#nothing.x}', 2, 'After #'],
    ["{#request.method == 'GET'", 0, 'no }'],
    ["{#request.path.constructor('x')}", 15, 'no method'],
    ["{#request.path matches '(/echo'}", 23, '(/echo is not a regular expression: missing closing )'],
    ["{#request.path matches '/(?!echo).*'}", 23, 'looks around or refers back'],
    ["{#request.path matches '/(?<=x)y'}", 23, 'looks around or refers back'],
    ["{#request.path matches '(.)\\1'}", 23, 'looks around or refers back'],
    ["{#request.path matches '(?:a{0,100}){10}{10}'}", 23, 'is not a regular expression'],
    [`{#request.path matches '(?:${'a?'.repeat(100)}){30}'}`, 23, 'is too large'],
  ])('%s is refused at character %i', (text, at, reason) => {
    const error = caught(() => parseTemplate(text))
    expect(error).toMatchObject({ at })
    expect(error?.reason).toContain(reason)
  })

  it('takes no text without an expression for a condition', () => {
    expect(caught(() => parseCondition("#request.method == 'GET'"))?.reason).toContain('in braces')
  })

  it.each(['(a+)+b', '(?:a|a?)+b', '(.*)*b', '(?:a?){900}b'])(
    '%s answers soon about a text made against it',
    (pattern) => {
      const text = 'a'.repeat(16 * 1024) // as long as all headers of a request may be
      expect(evaluate(`{('${text}') matches '${pattern}'}`)).toBe(false)
    },
  )

  it('either parses a text or points into it, and then never throws', () => {
    const words = fc.constantFrom('{#', '}', 'request', '.', 'headers', '[', ']', "'x'", '(', ')', '!', '&&', '? 1 : 2', '-', '1', '__proto__', ' ') // prettier-ignore
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join('')),
        ),
        (text) => {
          const error = caught(() => evaluate(text))
          expect(error === undefined || (error.at >= 0 && error.at <= text.length)).toBe(true)
        },
      ),
    )
  })
})

function caught(run: () => unknown): ExpressionError | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ExpressionError) return error
    throw error
  }
}
