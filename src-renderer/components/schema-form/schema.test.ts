import { Type } from 'typebox'
import { reactive } from 'vue'
import { describe, expect, it } from 'vitest'
import { defaultsOf, errorAt, fieldsOf, valueOf, withMember } from './schema'
import type { JsonSchema } from '@shared/catalogue'
import { isShown } from '@shared/schema-conditions'

const plain = (schema: unknown) => JSON.parse(JSON.stringify(schema)) as JsonSchema

const schema = plain(
  Type.Object({
    oauthResource: Type.String({ title: 'Resource', 'x-resource': '^oauth2', 'x-expression': true }),
    checkRequiredScopes: Type.Optional(Type.Boolean({ default: false })),
    requiredScopes: Type.Optional(
      Type.Array(Type.String(), { 'x-scopes': true, 'x-condition': { checkRequiredScopes: true } }),
    ),
    version: Type.Optional(
      Type.Union([Type.Literal('V2_X'), Type.Literal('V3_X')], {
        default: 'V3_X',
        'x-enum-labels': { V3_X: 'Version 3' },
        'x-advanced': true,
      }),
    ),
    secret: Type.String({ writeOnly: true }),
    headers: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
    http: Type.Object({ connectTimeout: Type.Optional(Type.Integer({ default: 3000 })) }),
  }),
)

describe('reading a schema', () => {
  it('tells how each member is drawn, and whether it is required', () => {
    expect(fieldsOf(schema).map(({ key, kind, required }) => [key, kind, required])).toEqual([
      ['oauthResource', 'resource', true],
      ['checkRequiredScopes', 'switch', false],
      ['requiredScopes', 'words', false],
      ['version', 'choice', false],
      ['secret', 'secret', true],
      ['headers', 'list', false],
      ['http', 'object', true],
    ])
  })

  it('takes labels from title, annotation or the name itself', () => {
    const fields = fieldsOf(schema)
    expect(fields.map(({ label }) => label).slice(0, 3)).toEqual([
      'Resource',
      'Check required scopes',
      'Required scopes',
    ])
    expect(fields[3]?.choices).toEqual([
      { value: 'V2_X', label: 'V2_X' },
      { value: 'V3_X', label: 'Version 3' },
    ])
    expect(fields[3]?.advanced).toBe(true)
  })

  it('shows a member when its sibling has the wanted value, its default counted', () => {
    const scopes = fieldsOf(schema)[2]!
    const isThere = (value: object) => isShown(scopes.schema, schema, { ...value }, { schema, value })
    expect(isThere({})).toBe(false)
    expect(isThere({ checkRequiredScopes: true })).toBe(true)
  })

  it('fills in defaults, nested ones too', () => {
    expect(defaultsOf(schema)).toEqual({
      checkRequiredScopes: false,
      version: 'V3_X',
      http: { connectTimeout: 3000 },
    })
    expect(valueOf(fieldsOf(schema)[3]!, {})).toBe('V3_X')
  })
})

describe('changing a value', () => {
  it('leaves the value before as it was and keeps the order of members', () => {
    const before = Object.freeze({ a: 1, b: 2, c: 3 })
    expect(Object.entries(withMember(before, 'b', 9))).toEqual([
      ['a', 1],
      ['b', 9],
      ['c', 3],
    ])
    expect(before).toEqual({ a: 1, b: 2, c: 3 })
  })

  it('takes an emptied text out, unless a default would come back', () => {
    expect(withMember({ a: 'x', b: 1 }, 'a', '')).toEqual({ b: 1 })
    expect(withMember({ a: 'x' }, 'a', '', { default: 'y' })).toEqual({ a: '' })
  })
})

it('finds the error of a field by its pointer, and of plain entries with their list', () => {
  const errors = [
    { field: '/configuration/requiredScopes/1', message: 'Holds a space', remedy: 'Use one word.' },
    { field: '/configuration/headers/0/name', message: 'Is empty' },
  ]
  expect(errorAt(errors, '/configuration/requiredScopes')).toBeUndefined()
  expect(errorAt(errors, '/configuration/requiredScopes', true)).toBe('Holds a space. Use one word.')
  expect(errorAt(errors, '/configuration/headers', true)).toBeUndefined()
})

it('copies defaults out of reactive schemas', () => {
  const reactiveSchema = reactive({ type: 'object', properties: { scopes: { type: 'array', default: ['read'] } } })
  expect(defaultsOf(reactiveSchema)).toEqual({ scopes: ['read'] })
})
