import { expect, it } from 'vitest'
import { readPublishedSchema } from './published-schema'
import { isDisabled, isShown } from './schema-conditions'
import type { JsonSchema } from './catalogue'

const properties = (schema: JsonSchema) => schema.properties as Record<string, JsonSchema>
const member = (published: JsonSchema) =>
  properties(readPublishedSchema({ type: 'object', properties: { it: published } })).it!

it('leaves a schema as it is that is in our own vocabulary', () => {
  const own = {
    type: 'object',
    properties: { a: { type: 'string', 'x-condition': { b: [1] } }, b: { type: 'integer', default: 1 } },
    required: ['a'],
    additionalProperties: false,
  }
  expect(readPublishedSchema(own)).toEqual(own)
})

it('resolves references with what stands beside them, and draws nothing for those that lead nowhere or to themselves', () => {
  const read = readPublishedSchema({
    definitions: {
      address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      node: { type: 'object', properties: { next: { $ref: '#/definitions/node' } } },
    },
    properties: {
      home: { $ref: '#/definitions/address', title: 'Home', properties: { keep: { type: 'boolean' } } },
      tree: { $ref: '#/definitions/node' },
      http: { $ref: '#/elsewhere/options', title: 'HTTP' },
    },
  })
  expect(read).toEqual({
    properties: {
      home: {
        type: 'object',
        title: 'Home',
        properties: { city: { type: 'string' }, keep: { type: 'boolean' } },
        required: ['city'],
      },
      tree: { type: 'object', properties: { next: {} } },
      http: { title: 'HTTP' },
    },
  })
})

it.each<[string, JsonSchema, JsonSchema]>([
  ['labels', { enum: ['A'], gioConfig: { enumLabelMap: { A: 'First' } } }, { 'x-enum-labels': { A: 'First' } }],
  ['older labels', { enum: ['A'], 'x-schema-form': { titleMap: { A: 'First' } } }, { 'x-enum-labels': { A: 'First' } }],
  ['expressions', { type: 'string', gioConfig: { el: true } }, { 'x-expression': true }],
  ['older expressions', { type: 'string', 'x-schema-form': { 'expression-language': true } }, { 'x-expression': true }],
  [
    'code',
    { type: 'string', format: 'gio-code-editor', gioConfig: { monacoEditorConfig: { language: 'xml' } } },
    { format: 'text', 'x-language': 'xml' },
  ],
  [
    'older code',
    { type: 'string', 'x-schema-form': { type: 'codemirror', codemirrorOptions: { mode: 'text/x-groovy' } } },
    { format: 'text', 'x-language': 'groovy' },
  ],
  ['passwords', { type: 'string', format: 'password' }, { writeOnly: true }],
  ['older passwords', { type: 'string', 'x-schema-form': { type: 'password' } }, { writeOnly: true }],
  [
    'resources',
    { type: 'string', gioConfig: { uiType: 'resource-type', uiTypeProps: { resourceType: 'cache' } } },
    { 'x-resource': '^cache' },
  ],
  [
    'older resources',
    { type: 'string', 'x-schema-form': { event: { name: 'fetch-resources', regexTypes: '^oauth2' } } },
    { 'x-resource': '^oauth2' },
  ],
  [
    'banners',
    { type: 'string', gioConfig: { banner: { title: 'Mind.', text: '<ul><li>One<br>two</li></ul>' } } },
    { 'x-note': 'Mind: One two' },
  ],
  ['unique members', { type: 'array', gioConfig: { uniqueItemProperties: ['key'] } }, { 'x-unique': ['key'] }],
])('reads %s', (_what, published, expected) => {
  expect(member(published)).toMatchObject(expected)
})

it('shows a member by values anywhere in the configuration, and by what is known of the place', () => {
  const schema = readPublishedSchema({
    type: 'object',
    properties: {
      ssl: { type: 'object', properties: { type: { type: 'string', default: 'PEM' } } },
      inner: {
        type: 'object',
        properties: {
          path: { type: 'string', gioConfig: { displayIf: { $eq: { 'value.ssl.type': ['JKS', 'PKCS12'] } } } },
          old: {
            type: 'string',
            'x-schema-form': { hidden: [{ $eq: { 'ssl.type': ['JKS'] } }, { $neq: { off: true } }] },
          },
          phase: { type: 'string', gioConfig: { displayIf: { $eq: { 'context.flowPhase': ['REQUEST'] } } } },
          fixed: { type: 'string', gioConfig: { disableIf: { $eq: { 'value.off': true } } } },
        },
      },
      off: { type: 'boolean' },
    },
  })
  const inner = properties(schema).inner!
  const shown = (name: string, value: object, context?: Record<string, unknown>) =>
    isShown(properties(inner)[name]!, inner, {}, { schema, value, context })
  expect(shown('path', {})).toBe(false)
  expect(shown('path', { ssl: { type: 'JKS' } })).toBe(true)
  // The older forms hide what all of the conditions hold for.
  expect(shown('old', { ssl: { type: 'JKS' } })).toBe(false)
  expect(shown('old', { ssl: { type: 'JKS' }, off: true })).toBe(true)
  expect(shown('old', { ssl: { type: 'PEM' } })).toBe(true)
  expect(shown('phase', {})).toBe(false)
  expect(shown('phase', {}, { flowPhase: 'REQUEST' })).toBe(true)
  const disabled = (value: object) => isDisabled(properties(inner).fixed!, inner, {}, { schema, value })
  expect([disabled({}), disabled({ off: true })]).toEqual([false, true])
})
