import { Type, type Static } from 'typebox'
import { Property } from './api-definition'

/** What expressions call it by, and what its file is called: `#dictionaries['tenants']`. It stays when the name changes, as in Gravitee. */
export const DictionaryKey = Type.String({
  title: 'Key',
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 60,
  description: 'Small letters, digits and hyphens',
  'x-pattern-words': [
    'may hold only small letters, digits and single hyphens, and no hyphen at either end',
    'Use a word such as tenants or rate-limits.',
  ],
})

const name = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' })
const description = Type.String({ maxLength: 1024 })
/** More than a person keeps by hand, and a bound on what every request could have to look through. */
const properties = Type.Array(Property, { maxItems: 5000 })

/** Values that expressions of every API can read: `dictionaries/<key>.json`. Secrets among them are references, as in properties of APIs. */
export const Dictionary = Type.Object({
  id: Type.String({ minLength: 1 }),
  key: DictionaryKey,
  name,
  description: Type.Optional(description),
  type: Type.Literal('MANUAL', { description: 'As Gravitee calls those that a person fills' }),
  properties,
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type Dictionary = Static<typeof Dictionary>

/** An API whose draft or revision that runs reads a dictionary. */
export const DictionaryUse = Type.Object({ apiId: Type.String(), apiName: Type.String() })

export const DictionaryDetails = Type.Object({
  ...Dictionary.properties,
  usedBy: Type.Array(DictionaryUse, {
    description: 'APIs that name it in an expression; one that chooses it by a value of the request is not found',
  }),
})
export type DictionaryDetails = Static<typeof DictionaryDetails>

/** What of a dictionary can be set. */
export const dictionaryFields = { name, description, properties }

/** Characters of a secret at least: a shorter one cannot be taken out of a trace without taking the trace apart. */
export const SHORTEST_SECRET = 4
