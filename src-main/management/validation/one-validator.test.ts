import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JsonSchema } from '@shared/catalogue'
import {
  FailoverConfiguration,
  HealthCheckConfiguration,
  MockConfiguration,
  SharedConfiguration,
} from '@shared/endpoint-settings'
import { schemaErrors } from '@shared/schema-errors'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { policies } from '../../engine/policies/catalogue'
import { resources } from '../../engine/resources/catalogue'

/** Values near to what a schema wants: right ones, wrong ones, and some that are beside the point. */
function near(schema: JsonSchema): fc.Arbitrary<unknown> {
  const wild = fc.oneof(
    ...[
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.string(),
      fc.constant({}),
      fc.constant([]),
    ],
    fc.array(fc.string(), { maxLength: 3 }),
  )
  return fc.oneof({ weight: 6, arbitrary: right(schema) }, { weight: 1, arbitrary: wild })
}

function right(schema: JsonSchema): fc.Arbitrary<unknown> {
  const constants = [...((schema.enum ?? []) as unknown[]), ...('const' in schema ? [schema.const] : [])]
  if (constants.length > 0) return fc.constantFrom(...constants)
  const branches = (schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[]
  if (branches.length > 0) return fc.oneof(...branches.map(near))
  const [type] = [schema.type ?? []].flat()
  switch (type) {
    case 'object': {
      const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
      const members = Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, near(member)]))
      return fc.record({ ...members, unknown: fc.string() }, { requiredKeys: [] })
    }
    case 'array':
      return fc.array(near((schema.items ?? {}) as JsonSchema), { maxLength: 3 })
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer(), fc.constant(schema.default ?? 1))
    case 'boolean':
      return fc.boolean()
    default:
      return fc.oneof(
        fc.string(),
        fc.constantFrom('http://localhost:8092', 'read', '/path', String(schema.default ?? '')),
      )
  }
}

const configurations: [string, TSchema][] = [
  ...[...policies, ...resources].map(({ id, configuration }): [string, TSchema] => [id, configuration]),
  ...Object.entries({ FailoverConfiguration, HealthCheckConfiguration, MockConfiguration, SharedConfiguration }),
]

/** The schema without its conditions: what is hidden need not be filled in, which TypeBox knows nothing of. */
function inSight(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema, (name, member: unknown) => (name === 'x-condition' ? undefined : member)))
}

it.each(configurations)(
  'finds the same values of %s right as TypeBox does, where nothing is hidden',
  (_name, schema) => {
    const check = Compile(schema)
    const plain = inSight(schema) as JsonSchema
    fc.assert(
      fc.property(near(plain), (value) => {
        expect(schemaErrors(plain, value, '').length === 0).toBe(check.Check(value))
      }),
      { numRuns: 400 },
    )
  },
)
