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

/** A header of the call that asks for the entries. A secret one is a reference, as in properties. */
const Header = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 256 }),
  value: Type.String({ maxLength: 8192 }),
  encrypted: Type.Optional(Type.Boolean()),
  encryptable: Type.Optional(Type.Boolean()),
})

/** Where the entries come from: an address that answers with JSON, an object of plain values or a list of `{ key, value }`. */
export const DictionaryProvider = Type.Object({
  type: Type.Literal('HTTP'),
  configuration: Type.Object({
    url: Type.String({ maxLength: 2048 }),
    method: Type.Literal('GET'),
    headers: Type.Optional(Type.Array(Header, { maxItems: 50 })),
  }),
})
export type DictionaryProvider = Static<typeof DictionaryProvider>

export const DictionaryTrigger = Type.Object({
  rate: Type.Integer({ minimum: 1, maximum: 10_000 }),
  unit: Type.Union([Type.Literal('SECONDS'), Type.Literal('MINUTES'), Type.Literal('HOURS')]),
})
export type DictionaryTrigger = Static<typeof DictionaryTrigger>

const state = Type.Union([Type.Literal('STARTED'), Type.Literal('STOPPED')], {
  description: 'Whether the address is asked; the entries of before stay while it is not',
})

/** Values that expressions of every API can read: `dictionaries/<key>.json`. Secrets among them are references, as in properties of APIs. */
export const Dictionary = Type.Object({
  id: Type.String({ minLength: 1 }),
  key: DictionaryKey,
  name,
  description: Type.Optional(description),
  type: Type.Union([Type.Literal('MANUAL'), Type.Literal('DYNAMIC')], {
    description: 'As Gravitee calls those that a person fills, and those that a server does',
  }),
  properties,
  provider: Type.Optional(DictionaryProvider),
  trigger: Type.Optional(DictionaryTrigger),
  state: Type.Optional(state),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type Dictionary = Static<typeof Dictionary>

/** An API whose draft or revision that runs reads a dictionary. */
export const DictionaryUse = Type.Object({ apiId: Type.String(), apiName: Type.String() })

/** How the last try to get the entries went. */
export const DictionaryPoll = Type.Object({
  at: Type.Integer({ description: 'Milliseconds since the epoch' }),
  ok: Type.Boolean(),
  sentence: Type.String({ description: 'e.g. 12 entries' }),
  remedy: Type.Optional(Type.String()),
})
export type DictionaryPoll = Static<typeof DictionaryPoll>

export const DictionaryDetails = Type.Object({
  ...Dictionary.properties,
  lastPoll: Type.Optional(DictionaryPoll),
  usedBy: Type.Array(DictionaryUse, {
    description: 'APIs that name it in an expression; one that chooses it by a value of the request is not found',
  }),
})
export type DictionaryDetails = Static<typeof DictionaryDetails>

/** What of a dictionary can be set. */
export const dictionaryFields = {
  name,
  description,
  properties,
  provider: DictionaryProvider,
  trigger: DictionaryTrigger,
  state,
}

/** Characters of a secret at least: a shorter one cannot be taken out of a trace without taking the trace apart. */
export const SHORTEST_SECRET = 4

const UNIT_MS = { SECONDS: 1000, MINUTES: 60_000, HOURS: 3_600_000 } as const

/** Milliseconds from one try to the next. */
export const intervalOf = ({ rate, unit }: DictionaryTrigger): number => rate * UNIT_MS[unit]
