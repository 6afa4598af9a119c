import { Type, type Static } from 'typebox'

/** A JSON Schema as plain data, for drawing forms. */
export const JsonSchema = Type.Record(Type.String(), Type.Unknown())
export type JsonSchema = Static<typeof JsonSchema>

export const Phase = Type.Union([Type.Literal('request'), Type.Literal('response')])
export type Phase = Static<typeof Phase>

/** What the window knows of a policy: enough to list it, place it, draw its form and show its guide. */
export const PolicyEntry = Type.Object({
  id: Type.String(),
  name: Type.String(),
  summary: Type.String({ description: 'What it does, in a few words' }),
  category: Type.String({ description: 'security, traffic, transformation …' }),
  icon: Type.String({ description: 'i-lucide-…' }),
  phases: Type.Array(Phase),
  configuration: JsonSchema,
  guide: Type.String({ description: 'Markdown' }),
  errors: Type.Array(Type.Object({ key: Type.String(), status: Type.Integer(), meaning: Type.String() })),
})
export type PolicyEntry = Static<typeof PolicyEntry>

export const ResourceEntry = Type.Object({
  id: Type.String(),
  name: Type.String(),
  summary: Type.String(),
  icon: Type.String(),
  configuration: JsonSchema,
  guide: Type.String(),
  testable: Type.Boolean({ description: 'Whether apis.testResource can try it out' }),
})
export type ResourceEntry = Static<typeof ResourceEntry>

export const Catalogue = Type.Object({ policies: Type.Array(PolicyEntry), resources: Type.Array(ResourceEntry) })
export type Catalogue = Static<typeof Catalogue>

/*
 * Annotations of configuration schemas that the forms understand, beside JSON Schema's own (title, description,
 * default, examples, enum, minimum, readOnly, deprecated …):
 *   writeOnly: true               a secret: drawn masked, sealed by the workspace, stored as a reference
 *   'x-secret-when': { signature: ['HMAC_HS256'] }   a secret only when each of these siblings has one of the values
 *   'x-resource': '^oauth2'       names a resource of the API whose type matches
 *   'x-enum-labels': { V3_X: … }  what to call the values of an enum
 *   'x-advanced': true            folded away under “More options”
 *   'x-expression': true          may hold expressions {#…}; 'condition' where it is one that must hold
 *   'x-language': 'json'          a text in that language, typed on several lines
 *   'x-scopes': true              a list of scopes: the domain's scopes are offered
 *   'x-words': true               a list of words without spaces, typed on one line
 *   'x-note': '…'                 what to know before filling it in
 *   'x-unique': ['name']          of a list of objects: no two have the same of these
 *   'x-pattern-words': ['must …', 'Give …']          how a text that breaks the pattern reads, and what to do
 *   'x-condition': {checkRequiredScopes: true}       shown only when this holds; then only need it be filled in
 *   'x-disabled-when': { … }      cannot be changed while this holds
 *
 * A condition names siblings ('type'), members from the configuration's root ('/ssl/type') and what is known of the place ('@flowPhase',
 * '@apiType'), each with the value that it has, a list of values, or { not: … }. All of them must hold; of a list of conditions one.
 * Schemas in Gravitee's own vocabulary become this one by published-schema.ts.
 */
