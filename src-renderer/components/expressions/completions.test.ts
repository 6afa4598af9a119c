import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completionsAt, type Completion } from './completions'
import { expressionsIn } from './expressions-in'

const names = {
  properties: ['city', 'tax.rate'],
  endpoints: ['default', 'north'],
  pathParams: ['id'],
  dictionaries: { tenants: ['blue', 'red'], rates: [] },
}

/** What is offered where the bar stands in the text. */
function offered(
  marked: string,
  { kind = 'text', asked = false }: { kind?: 'text' | 'response-template'; asked?: boolean } = {},
) {
  // prettier-ignore
  const at = marked.indexOf('|')
  const text = marked.replace('|', '')
  const found = completionsAt(text, at, kind, names, asked)
  const written = (label: string) => {
    const option = found!.options.find((each) => each.label === label)!
    const insert = option.insert ?? option.label
    const caret = found!.from + insert.length - (option.back ?? 0)
    const after = text.slice(0, found!.from) + insert + text.slice(found!.to)
    return `${after.slice(0, caret)}|${after.slice(caret)}`
  }
  return { labels: found?.options.map(({ label }: Completion) => label) ?? [], options: found?.options ?? [], written }
}

describe('what is offered', () => {
  it('after a #: the roots that there are, and functions with their parentheses', () => {
    expect(offered('{#|}').labels).toEqual(expect.arrayContaining(['request', 'context', 'properties', 'jsonPath']))
    expect(offered('{#|}').labels).not.toContain('error')
    expect(offered('{#|}', { kind: 'response-template' }).labels).toContain('error')
    expect(offered('{#re|}').written('request')).toBe('{#request|}')
    expect(offered('{#json|}').written('jsonPath')).toBe('{#jsonPath(|)}')
  })

  it('after a dot: members of a root, else methods, those that fit first', () => {
    expect(offered('{#request.|}').labels).toContain('pathParams')
    expect(offered('{#request.he| == 1}').written('headers')).toBe('{#request.headers| == 1}')
    expect(offered("{#request.headers['a'][0].|}").written('length')).toBe("{#request.headers['a'][0].length()|}")
    expect(offered('{#request.path.|}').written('startsWith')).toBe('{#request.path.startsWith(|)}')
    const likely = (text: string) => offered(text).options.filter((each) => each.likely).map(({ label }) => label) // prettier-ignore
    expect(likely('{#request.headers.|}')).toContain('containsKey')
    expect(likely('{#request.headers.|}')).not.toContain('startsWith')
    expect(likely("{#request.headers['a'].|}")).toContain('getFirst')
    expect(likely("{'a'.|}")).toEqual([])
    expect(likely("{#jsonEscape('a'.|)}")).toContain('startsWith')
    expect(offered('{#request.path == 1.|}').labels).toEqual([])
  })

  it('after a bracket: names that the API has, with quote and bracket', () => {
    expect(offered('{#properties[|]}').labels).toEqual(['city', 'tax.rate'])
    expect(offered('{#properties[|]}').written('city')).toBe("{#properties['city']|}")
    expect(offered("{#api.properties['t|']}").written('tax.rate')).toBe("{#api.properties['tax.rate']|}")
    expect(offered("{#properties['|").written('city')).toBe("{#properties['city']|")
    expect(offered('{#endpoints["|"]}').written('north')).toBe('{#endpoints["north"]|}')
    expect(offered('{#request.pathParams[|]}').labels).toEqual(['id'])
    expect(offered('{#dictionaries[|]}').labels).toEqual(['tenants', 'rates'])
    expect(offered("{#dictionaries['tenants']['b|']}").written('blue')).toBe("{#dictionaries['tenants']['blue']|}")
    expect(offered("{#dictionaries['other'][|]}").labels).toEqual([])
    expect(offered("{#request.headers['|']}").labels).toContain('content-type')
    expect(offered("{#context.attributes['oauth.|']}").labels).toContain('oauth.client_id')
    expect(offered("{#request.params['|']}").labels).toEqual([])
  })

  it('after T(: types, and what each has', () => {
    expect(offered('{T(|)}').written('java.lang.Math')).toBe('{T(java.lang.Math)|}')
    expect(offered('{T(java.lang.Math).|}').written('max')).toBe('{T(java.lang.Math).max(|)}')
    expect(offered('{T(Math).|}').written('PI')).toBe('{T(Math).PI|}')
  })

  it('outside of an expression only when asked for, and nothing within a text in quotes', () => {
    expect(offered('a.|b').labels).toEqual([])
    expect(offered('{"a": {|}}').labels).toEqual([])
    expect(offered('{#request.id}|').labels).toEqual([])
    expect(offered('{#request.id} and #|').labels).toEqual([])
    expect(offered('|', { asked: true }).written('{#request')).toBe('{#request|}')
    expect(offered('a {|} b', { asked: true }).written('{#jsonPath')).toBe('a {#jsonPath(|)} b')
    expect(offered("{#request.path == '#|'}").labels).toEqual([])
    expect(offered('{#request.path == |}', { asked: true }).written('#request')).toBe('{#request.path == #request|}')
    expect(offered('{#request.path |}', { asked: true }).labels).toEqual([])
  })
})

it('breaks at no text, and replaces only what stands at the caret', () => {
  const piece = fc.constantFrom('{', '}', '#', '{#', '(', ')', '[', ']', "'", '"', '.', '?.', ' ', '==', 'T(', 'request', 'headers', 'properties', 'java.lang.Math', 'city', '0', 'x', '\n', 'é') // prettier-ignore
  const typed = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
  const check = (text: string, part: number, asked: boolean) => {
    const at = Math.round(part * text.length)
    const found = completionsAt(text, at, 'response-template', names, asked)
    if (found === undefined) return
    expect(found.from).toBeLessThanOrEqual(at)
    expect(found.to).toBeGreaterThanOrEqual(at)
    expect(text.slice(found.from, found.to)).not.toMatch(/[\s(,=]/)
    for (const { label, insert = label, back = 0 } of found.options) expect(back).toBeLessThanOrEqual(insert.length)
  }
  fc.assert(fc.property(typed, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), check), { numRuns: 3000 })
})

it('finds the expressions of a text, with what stands in them', () => {
  const text = `{"a": "{#request.path == 'x}' ? 1 : {1: null}}", {} {#`
  const found = expressionsIn(text)
  expect(found.map(({ place }) => text.slice(place.from, place.to))).toEqual(["{#request.path == 'x}' ? 1 : {1: null}}", '{#']) // prettier-ignore
  expect(found[0]!.tokens.map(({ from, to, kind }) => [text.slice(from, to), kind])).toEqual([
    ['{', 'brace'],
    ['#request', 'root'],
    ["'x}'", 'text'],
    ['1', 'number'],
    ['1', 'number'],
    ['null', 'word'],
    ['}', 'brace'],
  ])
})
