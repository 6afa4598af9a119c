import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expressionMethods, expressionTypes } from '@shared/expression-methods'
import { bodyOf } from '../gateway/body'
import { EvaluationError, MAX_TEXT } from './evaluation-error'
import { contextOf } from './exchange-context'
import { ExpressionError } from './expression-error'
import { parseCondition, parseTemplate } from './template'
import { exchangeOf } from './testing'

const exchange = exchangeOf()
const evaluate = (text: string, of = exchange) => parseTemplate(text).evaluate(contextOf(of))

describe('expressions', () => {
  it.each([
    ["{#request.headers['X-Kind'][0]}", 'Test'],
    ["{#request.headers['none'][0]}", null],
    ["{#request.headers['x-many']}", ['a', 'b']],
    ["{#request.headers.getFirst('x-kind')}", 'Test'],
    ["{#request.headers.containsKey('X-KIND')}", true],
    ["{#request.params['q'][1]}", '2'],
    ["{#request.pathParams['id'][0]}", '7'],
    ['{#request.paths[2]} {#request.pathInfos[1]} {#request.uri}', '7 7 /echo/7?q=1&q=2'],
    ['{#request.id} {#request.transactionId}', 'r t'],
    ["{#request['method']}", 'GET'],
    ["{#context.attributes['oauth.client_id']}", 'client'],
    ["{#context.attributes['gravitee.attribute.roles']}", ['read', 'write']],
    ["{#context.attributes['user'].email}", 'ada@example.com'],
    ["{#context.attributes.user['tags'][0]}", 'x'],
    ["{#context.attributes['roles'].contains('read')}", true],
    ["{#api.properties['k']} {#properties['k']} {#api.name} {#api.revision}", 'v v Echo 1'],
    ["{#endpoints['default']}/x", 'default:/x'],
    ["{#response.status == 200 && #request.method eq 'GET'}", true],
    ['{#response.status between {200, 299}}', true],
    ["{#request.path.startsWith('/echo') ? 'yes' : 'no'}", 'yes'],
    ["{#request.headers['none']?.getFirst('a') ?: 'none'}", 'none'],
    ["{'' ?: 'x'}", "{'' ?: 'x'}"],
    ["{('' ?: 'x')}", 'x'],
    ["{#request.path matches '/echo/\\d+'}", true],
    ["{#request.path matches '/ech'}", false],
    ["{#request.path.matches('(?i)/ECHO/.')}", true],
    ["{('line\nbreak') matches 'line.break'}", true],
    ['id {#request.pathInfo.length()} of {#request.contextPath}', 'id 2 of /echo'],
    ['{(1 + 2 * 3)}', 7],
    ['{((1 + 2) * 3)}', 9],
    ['{(7 / 2)} {(7.0 / 2)} {(7.5 / 2)} {(7 % 4)} {(7 mod 4)} {(2 ^ 10)} {(-3 - -4)}', '3 3 3.75 3 3 1024 1'],
    ['{(1 / 0)}', null],
    ["{(1 + '2')}", '12'],
    ['{(1 < 2 and not (3 LE 2))}', true],
    ["{({'a', 'b'})}", ['a', 'b']],
    ["{({'a', 'b'}.contains('b'))}", true],
    ["{({a: 1, 'b c': {2, 3}})}", { a: 1, 'b c': [2, 3] }],
    ["{({a: 1})['a']}", 1],
    ['{({:}).size()}', 0],
    ["{(T(java.lang.Math).max(3, 4))} {T(Math).abs(-2)} {T(java.lang.Integer).parseInt('12') + 1}", '4 2 13'],
    ['{T(java.lang.Integer).MAX_VALUE}', 2_147_483_647],
    ["{T(java.util.Base64).getEncoder().encodeToString('a:b'.getBytes())}", 'YTpi'],
    ["{(new String(T(java.util.Base64).getDecoder().decode('YTpi')).split(':')[1])}", 'b'],
    ["{T(java.net.URLEncoder).encode('a b&c', 'UTF-8')}", 'a+b%26c'],
    ["{T(java.lang.String).join('-', {'a', 'b'})}", 'a-b'],
    ["{('a,b,,'.split(','))}", ['a', 'b']],
    ["{('a1b22'.replaceAll('[0-9]+', '#'))} {('a1b2'.replaceFirst('([0-9])', '<$1>'))}", 'a#b# a<1>b2'],
    ["{('abc'.substring(1) + 'abc'.substring(0, 1) + 'abc'.charAt(2) + 'abc'.indexOf('c'))}", 'bcac2'],
    ["{('It''s'.concat(' x').toUpperCase())}", "IT'S X"],
    ["{#jsonEscape('say \"hi\"')} {#xmlEscape('<a>')}", 'say \\"hi\\" &lt;a&gt;'],
    ['{#jsonPath(\'{"a": [{"b": 1}, {"b": 2}]}\', \'$.a[1].b\')}', 2],
    ['{#jsonPath(\'{"a": [{"b": 1}, {"b": 2}]}\', \'$.a[?(@.b > 1)].b\')}', [2]],
    ['{"json": true}', '{"json": true}'],
    ['{"id": "{#request.id}", "list": {"a": {}}}', '{"id": "r", "list": {"a": {}}}'],
  ])('%s gives %j', (text, value) => expect(evaluate(text)).toEqual(value))

  it('knows the moment, in UTC', () => {
    const text = evaluate('{#date.now} {#date.year} {#date.dayOfWeek}')
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \d{4} [A-Z]+DAY$/)
    expect(evaluate('{#date.timestamp}')).toBeTypeOf('number')
  })

  it('tells which bodies it looks at, and reads them as text, JSON and XML', () => {
    const request = { ...exchange.request, body: bodyOf('{"a": {"b": [1, 2]}}') }
    const response = { status: 200, headers: {}, body: bodyOf('<r id="1"><i>a</i><i>b &amp; c</i><e/></r>') }
    const of = { ...exchange, request, response }
    expect(parseTemplate('{#request.jsonContent.a} {#response.content}').reads).toEqual(
      new Set(['request', 'response']),
    )
    expect(parseTemplate('{#request.method}').reads.size).toBe(0)
    expect(evaluate('{#request.jsonContent.a.b[1]}', of)).toBe(2)
    expect(evaluate("{#jsonPath(#request.content, '$.a.b.*')}", of)).toEqual([1, 2])
    expect(evaluate('{#response.xmlContent}', of)).toEqual({ r: { id: '1', i: ['a', 'b & c'], e: '' } })
    expect(evaluate('{#request.xmlContent} {#response.jsonContent}', of)).toBe(' ')
    expect(evaluate('{#request.content}')).toBeNull()
  })

  it.each([
    '{#request.path.constructor}',
    "{#request.headers['x-kind'][0].constructor}",
    '{#context.attributes.constructor}',
    "{#context.attributes['__proto__']}",
    "{#context.attributes['user']['__proto__']}",
    "{#context.attributes['user'].hasOwnProperty}",
    "{#request.params['constructor']}",
    "{#properties['toString']}",
    "{({a: 1})['constructor']}",
    '{({}).length}',
    '{({1, 2}).__proto__}',
    '{T(java.util.Base64).getEncoder().constructor}',
    "{#jsonPath({'a'}, '$.constructor')}",
    "{#jsonPath({x: 1}, '$.__proto__')}",
  ])('%s reaches nothing', (text) => expect(evaluate(text)).toBeNull())

  it('makes no prototype out of a name', () => {
    const value = evaluate("{({'__proto__': {'polluted': 1}})}") as Record<string, unknown>
    expect(Object.hasOwn(value, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(evaluate('{#context.attributes}')).not.toHaveProperty('gatehouse.internal')
  })

  it.each([
    ['{#nothing.x}', 2, 'After #'],
    ['{#request.nothing}', 10, 'has no nothing. It has: id,'],
    ["{#request.method == 'GET'", 0, 'no }'],
    ["{#request.path.constructor('x')}", 15, 'no method'],
    ['{#request.path.startsWith()}', 15, 'takes one or two values'],
    ["{#request.path matches '(/echo'}", 23, '(/echo is not a regular expression: missing closing )'],
    ["{#request.path matches '/(?!echo).*'}", 23, 'looks around or refers back'],
    ["{#request.path matches '/(?<=x)y'}", 23, 'looks around or refers back'],
    ["{#request.path matches '(.)\\1'}", 23, 'looks around or refers back'],
    ['{#request.path.split(#request.id)}', 21, 'wants its pattern as a text'],
    ["{#request.path matches '(?:a{0,100}){10}{10}'}", 23, 'is not a regular expression'],
    [`{#request.path matches '(?:${'a?'.repeat(100)}){30}'}`, 23, 'is too large'],
    ['{T(java.lang.Runtime).getRuntime()}', 3, 'The type java.lang.Runtime cannot be used. These can: java.lang.Math'],
    ['{T(java.lang.Math).exec(1)}', 19, 'has no exec here'],
    ["{(new java.io.File('x'))}", 2, 'Only new String(value)'],
    ['{#context.attributes.?[true]}', 21, 'Selections'],
    ["{#jsonPath(#request.id, '$.a[')}", 29, 'In brackets come'],
    ['{#jsonPath(#request.id)}', 2, "is written #jsonPath(text or value, '$.path')"],
    ['{#error.key}', 2, 'After #'],
    ['{({1, 2 3})}', 8, 'needs a }'],
    [`{(${'('.repeat(100)}1${')'.repeat(100)})}`, 33, 'nested too deeply'],
    [`{(1${'+1'.repeat(5000)})}`, 2001, 'at most 2000 parts'],
    ['{#request.id @}', 13, '@ means nothing here'],
    ["{#request.id == 'x}", 16, 'no quote that ends it'],
  ])('%s is refused at character %i', (text, at, reason) => {
    const error = caught(() => parseTemplate(text))
    expect(error?.reason).toContain(reason)
    expect(error).toMatchObject({ at })
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

  it.each([
    ['{#request.content.repeat(1000)}', 'a text of more than'],
    [`{#request.content${".replace('a', 'aaaaaaaa')".repeat(9)}}`, 'a text of more than'],
    [`{#request.content.replaceAll('a', '${'b'.repeat(1000)}')}`, 'a text of more than'],
    [`{#request.content + #request.content${' + #request.content'.repeat(200)}}`, 'a text of more than'],
    ["{#request.content.split('a')}", 'a list of more than'],
    ["{#jsonPath(#response.content, '$..*..*..*')}", 'looked at more than'],
    ["{#jsonPath(#response.content, '$..[?(@..[?(@..a)])]')}", 'looked at more than'],
    ['{#request.jsonContent.x + #response.jsonContent}', 'nested too deeply'],
  ])('%s costs a request no more than it may', (text, reason) => {
    const deep = '[{"a":'.repeat(3000) + '1' + '}]'.repeat(3000)
    const of = {
      ...exchange,
      request: { ...exchange.request, body: bodyOf('a'.repeat(100_000)) },
      response: { status: 200, headers: {}, body: bodyOf(deep) },
    }
    expect(() => evaluate(text, of)).toThrow(EvaluationError)
    expect(() => evaluate(text, of)).toThrow(reason)
    expect(MAX_TEXT).toBe(10 * 1024 * 1024)
  })
})

describe('what the editor offers', () => {
  it.each(Object.entries(expressionMethods))('%s can be called as it is described', (name, { values }) => {
    const given = values.split(', ').map((value) => (value === '' || value.startsWith("'") ? value : "'1'"))
    expect(() => parseTemplate(`{#request.path.${name}(${given.join(', ')})}`)).not.toThrow()
  })

  it.each(Object.entries(expressionTypes))('T(%s) has what is offered of it, and nothing else', (name, members) => {
    const told = (() => {
      try {
        parseTemplate(`{T(${name}).none}`)
      } catch (error) {
        return (error as ExpressionError).reason
      }
    })()
    expect(told?.split('It has: ')[1]?.split(', ').sort()).toEqual(members.split(', ').sort())
  })
})

describe('whatever is written', () => {
  const words = fc.constantFrom('{#', '}', '{', 'request', '.', 'headers', 'content', '[', ']', "'x'", "'$..*'", '(', ')', '!', '&&', '? 1 : 2', '?:', '-', '*', '1', ',', ':', '__proto__', 'T(', 'java.lang.Math', 'max(', '#jsonPath(', 'matches ', "split('", "'", ' ') // prettier-ignore
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.array(words, { maxLength: 40 }).map((parts) => `{#${parts.join('')}}`),
  )

  it('is parsed or pointed into, and then evaluated or told to be too much', () => {
    const of = { ...exchange, request: { ...exchange.request, body: bodyOf('{"x": [1, {"y": "z"}]}') } }
    fc.assert(
      fc.property(texts, (text) => {
        const error = caught(() => evaluate(text, of))
        expect(error === undefined || (error.at >= 0 && error.at <= text.length)).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })

  it('means the same as the arithmetic it is', () => {
    const sums = fc.letrec<{ sum: string; value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.nat(99).map((number) => `${number}.5`),
        tie('sum').map((sum) => `(${sum})`),
      ),
      sum: fc.tuple(tie('value'), fc.constantFrom('+', '-', '*'), tie('value')).map((parts) => parts.join(' ')),
    }))
    fc.assert(
      fc.property(sums.sum, (sum) => {
        // The platform's own arithmetic is the judge; the text is made of numbers and these signs alone.
        const expected = new Function(`return ${sum}`)() as number
        expect(evaluate(`{(${sum})}`)).toBeCloseTo(expected, 6)
      }),
      { numRuns: 1000 },
    )
  })
})

function caught(run: () => unknown): ExpressionError | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof EvaluationError) return undefined
    if (error instanceof ExpressionError) return error
    throw error
  }
}
