import fc from 'fast-check'
import { ProblemError } from '@shared/problem'
import { expect, test } from 'vitest'
import { definitionV1, definitionV2, exportV4, petStore } from './examples.testing'
import { readApiFile } from './read-api-file'

const documents = [exportV4, definitionV2, definitionV1].map((each) => JSON.stringify(each))
const texts = [...documents, petStore]

/** Either an API, with its notes, or a refusal that says what is wrong: never anything else. */
function readsOrRefuses(content: string): void {
  try {
    const { definition, problems, notes } = readApiFile(content, { fileName: 'a', choices: { mocks: true } })
    expect(definition === undefined).toBe(problems.length > 0)
    for (const { sentence } of notes) expect(sentence).toMatch(/\S/)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    expect(error.problem.key).toBe('API_FILE_UNREADABLE')
    expect(error.problem.remedy).toMatch(/\S/)
  }
}

test('thousands of broken texts of every format are read or refused', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 40 }),
    put: fc.oneof(
      fc.constantFrom('', '{', '[', ']', '}', '"', ',', ':', '\n', '\t', '- ', '&a ', '*a', '<<: ', '|', '\0', '$ref'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
  })
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 6 }), (text, edits) => {
      let changed = text
      for (const { at, cut, put } of edits) {
        const start = Math.floor(at * changed.length)
        changed = changed.slice(0, start) + put + changed.slice(start + cut)
      }
      readsOrRefuses(changed)
    }),
    { numRuns: 2000 },
  )
})

test('thousands of documents with wild values in them are read or refused', () => {
  const wild = fc.oneof(
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1e99, '', ' ', '/', '{', [], {}, [[]], [{}], { a: {} }),
    fc.constantFrom<unknown>('__proto__', 'constructor', { __proto__: null }, { $ref: '#' }, { $ref: '#/paths' }),
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...documents, JSON.stringify(readable(petStore))),
      fc.array(fc.tuple(fc.nat(), wild, fc.boolean()), { minLength: 1, maxLength: 5 }),
      (text, changes) => {
        const document: unknown = JSON.parse(text)
        for (const [which, value, isRemoved] of changes) {
          const places = placesOf(document)
          const place = places[which % places.length]
          if (place === undefined) continue
          if (isRemoved) Reflect.deleteProperty(place.parent, place.name)
          else place.parent[place.name] = structuredClone(value)
        }
        readsOrRefuses(JSON.stringify(document))
      },
    ),
    { numRuns: 2000 },
  )
})

/** What the reader made of the text, put back into the words of the format, for lack of a second parser. */
function readable(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.startsWith('  /'))
  return {
    openapi: '3.1.0',
    info: { title: 'Pets' },
    servers: [{ url: 'https://{a}.example/v1', variables: { a: { default: 'b' } } }],
    security: [{ login: ['a'] }, { key: [] }],
    paths: Object.fromEntries(
      lines.map((line) => [
        line.trim().replace(/:$/, ''),
        {
          parameters: [{ name: 'petId', in: 'path' }],
          get: {
            operationId: 'get',
            security: [{ login: ['b'] }],
            responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } } },
          },
          post: {
            requestBody: {},
            responses: { 201: { content: { 'text/plain': { examples: { a: { value: 'b' } } } } } },
          },
        },
      ]),
    ),
    components: {
      schemas: { Pet: { type: 'array', items: { $ref: '#/components/schemas/One' } }, One: { example: {} } },
      securitySchemes: {
        login: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'http://a/demo/oauth/token' } } },
        key: { type: 'apiKey', in: 'query', name: 'k' },
      },
    },
  }
}

interface Holder {
  readonly parent: Record<string, unknown>
  readonly name: string
}

function placesOf(value: unknown): Holder[] {
  if (typeof value !== 'object' || value === null) return []
  const parent = value as Record<string, unknown>
  return Object.keys(parent).flatMap((name) => [{ parent, name }, ...placesOf(parent[name])])
}
