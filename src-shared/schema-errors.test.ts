import { describe, expect, it } from 'vitest'
import { schemaErrors } from './schema-errors'
import type { JsonSchema } from './catalogue'

/** Each field that is wrong, with what is told of it. */
const told = (schema: JsonSchema, value: unknown) =>
  schemaErrors(schema, value, '').map(({ field, message }) => `${field}: ${message}`)

const security = {
  type: 'object',
  properties: {
    auth: {
      title: 'Authentication',
      type: 'object',
      oneOf: [
        { properties: { type: { const: 'none' } } },
        {
          properties: { type: { const: 'basic' }, username: { type: 'string', title: 'Username', minLength: 2 } },
          required: ['username'],
        },
        { properties: { type: { const: 'token' }, token: { type: 'string', title: 'Token' } }, required: ['token'] },
      ],
    },
  },
}

describe('a union', () => {
  it.each<[unknown, string[]]>([
    [{ type: 'none' }, []],
    [{ type: 'basic', username: 'ada' }, []],
    [{ type: 'basic' }, ['/auth/username: Username is missing']],
    [{ type: 'basic', username: 'a' }, ['/auth/username: Username needs at least 2 characters']],
    [{ type: 'token', token: 5 }, ['/auth/token: Token must be text']],
    [{ type: 'other' }, ['/auth/type: Type must be one of none, basic, token']],
    ['none', ['/auth: Authentication must be an object']],
  ])('tells of %j what is wrong with the branch that is meant', (auth, errors) => {
    expect(told(security, { auth })).toEqual(errors)
  })
})

describe('what is hidden', () => {
  const schema = {
    type: 'object',
    properties: {
      mode: { type: 'string', default: 'off' },
      limit: { type: 'integer', title: 'Limit', maximum: 10, 'x-condition': { mode: 'on' } },
      names: {
        type: 'array',
        title: 'Names',
        minItems: 1,
        items: { type: 'string', minLength: 1 },
        'x-condition': { '/mode': ['on'] },
      },
    },
    required: ['limit'],
  }
  it('need not be filled in', () => {
    expect(told(schema, {})).toEqual([])
    expect(told(schema, { names: [] })).toEqual([])
    expect(told(schema, { mode: 'on', names: [''] })).toEqual([
      '/limit: Limit is missing',
      '/names/0: Entry 1 of names is empty',
    ])
  })
  it('is still no other thing than it must be, for a policy may read it', () => {
    expect(told(schema, { limit: 11 })).toEqual(['/limit: Limit must be at most 10; it is 11'])
    expect(told(schema, { limit: 'x' })).toEqual(['/limit: Limit must be a whole number'])
  })
})

it.each<[string, JsonSchema, unknown, string[]]>([
  ['several types', { title: 'It', type: ['string', 'null'] }, 5, [': It must be text or null']],
  ['one of several types', { title: 'It', type: ['string', 'null'], minLength: 1 }, '', [': It is empty']],
  [
    'an open upper bound',
    { title: 'It', type: 'number', exclusiveMaximum: 1 },
    1,
    [': It must be less than 1; it is 1'],
  ],
  [
    'a bound that is only that of the machine',
    { title: 'It', type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    -1,
    [': It must be at least 0; it is -1'],
  ],
  ['steps', { title: 'It', type: 'number', multipleOf: 0.01 }, 0.075, [': It must be a multiple of 0.01; it is 0.075']],
  ['steps that floats miss', { type: 'number', multipleOf: 0.01 }, 0.07, []],
  ['addresses', { title: 'It', type: 'string', format: 'uri' }, 'nowhere', [': It is not an address']],
  ['addresses by expressions', { type: 'string', format: 'uri' }, "{#api.properties['url']}", []],
  ['what it may not be', { title: 'It', not: { const: 1 } }, 1, [': It may not be 1']],
  ['members that others want', { dependencies: { a: ['b'] } }, { a: 1 }, ['/b: B is missing']],
  ['members that another brings', { dependencies: { a: { required: ['b'] } } }, { a: 1 }, ['/b: B is missing']],
  [
    'conditions',
    { if: { required: ['a'] }, then: { required: ['b'] }, else: { required: ['c'] } },
    { a: 1 },
    ['/b: B is missing'],
  ],
  [
    'other conditions',
    { if: { required: ['a'] }, then: { required: ['b'] }, else: { required: ['c'] } },
    {},
    ['/c: C is missing'],
  ],
  [
    'all of several',
    { allOf: [{ required: ['a'] }, { properties: { b: { type: 'string' } } }] },
    { b: 1 },
    ['/a: A is missing', '/b: B must be text'],
  ],
  [
    'members twice',
    { type: 'array', items: { properties: { key: { title: 'Key' } } }, 'x-unique': ['key'] },
    [{ key: 'a' }, {}, { key: 'a' }],
    ['/2/key: Key is there twice: a'],
  ],
  [
    'values of a map',
    { patternProperties: { '^[a-z]+$': { type: 'integer' } }, additionalProperties: false },
    { a: 'x', B: 1 },
    ['/a: A must be a whole number', '/B: B is not a known field'],
  ],
  [
    'words for a pattern',
    { title: 'It', type: 'string', pattern: '^a', 'x-pattern-words': ['must begin with a', 'Do so.'] },
    'b',
    [': It must begin with a'],
  ],
])('knows %s', (_what, schema, value, errors) => {
  expect(told(schema, value)).toEqual(errors)
})
