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
 * default, examples, enum, minimum …):
 *   writeOnly: true               a secret: drawn masked, sealed by the workspace, stored as a reference
 *   'x-secret-when': { signature: ['HMAC_HS256'] }   a secret only when each of these siblings has one of the values
 *   'x-resource': '^oauth2'       names a resource of the API whose type matches
 *   'x-enum-labels': { V3_X: … }  what to call the values of an enum
 *   'x-advanced': true            folded away under “More options”
 *   'x-expression': true          may hold expressions {#…}; 'condition' where it is one that must hold
 *   'x-scopes': true              a list of scopes: the domain's scopes are offered
 *   'x-condition': {checkRequiredScopes: true}   shown only when the sibling has that value, or one of a list of values
 */
