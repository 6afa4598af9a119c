import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '@shared/catalogue'
import { readPublishedSchema } from '@shared/published-schema'
import { branchesOf } from '@shared/schema-branches'
import { schemaErrors } from '@shared/schema-errors'
import { everyConstruct } from './every-construct.testing'
import {
  chosenOf,
  defaultsOf,
  fieldOf,
  fieldsOf,
  renamed,
  startOf,
  valueSchema,
  withMember,
  type Field,
} from './schema'
import { meantBranch, propertiesOf, shapeOf } from './shape'
import { branchName, switchBranch } from './variants'

const schema = readPublishedSchema(everyConstruct)
const member = (name: string) => propertiesOf(schema)[name]!
const keys = (of: JsonSchema, value: Record<string, unknown> = {}) => fieldsOf(of, value).map(({ key }) => key)

it('draws each construct in its way', () => {
  const kinds = fieldsOf(schema, { scope: 'REQUEST' }).map(({ key, kind }) => [key, kind])
  expect(Object.fromEntries(kinds)).toEqual({
    ...{
      mode: 'choice',
      script: 'long-text',
      body: 'long-text',
      address: 'text',
      threshold: 'number',
      limit: 'number',
    },
    ...{ strict: 'switch', tolerance: 'number', headers: 'list', methods: 'choices', patterns: 'list', rules: 'list' },
    ...{ labels: 'map', timeouts: 'map', security: 'object', store: 'object', mechanism: 'object', cache: 'object' },
    ...{ target: 'union', resource: 'resource', phase: 'text', scope: 'choice' },
  })
  const [ranges] = fieldsOf(member('rules').items as JsonSchema).slice(-1)
  expect([ranges?.kind, fieldOf('', ranges!.schema.items as JsonSchema, true, [1, 2]).kind]).toEqual(['list', 'list'])
  expect(fieldOf('', member('patterns').items as JsonSchema, true, null).kind).toBe('text')
})

it('shows what a member cannot hold as JSON, so that nothing of it is lost', () => {
  const kindWith = (key: string, value: unknown) =>
    fieldsOf(schema, { [key]: value }).find((field) => field.key === key)?.kind
  expect([
    kindWith('strict', 'yes'),
    kindWith('address', { a: 1 }),
    kindWith('labels', []),
    kindWith('rules', 'x'),
  ]).toEqual(['json', 'json', 'json', 'json'])
})

it('shows what is deprecated only while it is there', () => {
  expect(keys(schema)).not.toContain('scope')
  expect(fieldsOf(schema, { scope: 'REQUEST' }).find(({ key }) => key === 'scope')).toMatchObject({ advanced: true })
})

describe('members by what others say', () => {
  it('come with the branch that a member of the object tells', () => {
    expect(keys(member('store'), {})).toEqual(['type'])
    expect(keys(member('store'), { type: 'PEM' })).toEqual(['type', 'content'])
    expect(shapeOf(member('store'), { type: 'PEM' }).required).toEqual(new Set(['content']))
  })
  it('come by a dependency, without a second choice of the same', () => {
    expect(keys(member('mechanism'), { type: 'OAUTH' })).toEqual(['type', 'tokenUrl'])
    expect(shapeOf(member('mechanism'), { type: 'OAUTH' }).branches).toBeUndefined()
  })
  it('come by a condition', () => {
    expect(keys(member('cache'), { on: false })).toEqual(['on'])
    expect(keys(member('cache'), { on: true })).toEqual(['on', 'seconds'])
  })
})

describe('a form of several', () => {
  const branches = branchesOf(member('security'))!
  it('is found by its tag, and called by its title', () => {
    expect(branches.map(branchName)).toEqual(['None', 'Basic', 'Token'])
    expect(meantBranch(branches, { type: 'token' })).toBe(2)
    expect(meantBranch(branches, undefined)).toBe(0)
  })
  it('keeps what no form knows, and gives back what was typed in the other', () => {
    const basic = { type: 'basic', username: 'ada', note: 'kept' }
    const token = switchBranch(branches[1]!, branches[2]!, basic)
    expect(token).toEqual({ type: 'token', note: 'kept' })
    expect(switchBranch(branches[2]!, branches[1]!, { ...token, token: 'x' }, basic)).toEqual(basic)
  })
})

it('starts from the defaults, those of the first branch with its tag', () => {
  expect(defaultsOf(schema)).toMatchObject({ mode: 'SOFT', limit: 10, strict: true, patterns: ['^/a b'] })
  expect(defaultsOf(member('security'))).toEqual({ type: 'none' })
  expect(startOf(member('rules').items as JsonSchema)).toEqual({ path: '/' })
  expect(startOf(member('target'))).toBe('')
})

it('takes choices in and out in their order, but leaves an order of its own', () => {
  const choices = ['GET', 'POST', 'PUT'].map((value) => ({ value, label: value }))
  expect(chosenOf(choices, ['GET', 'PUT'], 'POST', true)).toEqual(['GET', 'POST', 'PUT'])
  expect(chosenOf(choices, ['PUT', 'GET'], 'POST', true)).toEqual(['PUT', 'GET', 'POST'])
  expect(chosenOf(choices, ['PUT', 'OTHER', 'GET'], 'PUT', false)).toEqual(['OTHER', 'GET'])
})

/** Values that fit the schema, and have members that it does not know. */
function valuesOf(of: JsonSchema): fc.Arbitrary<unknown> {
  const field = fieldOf('', of, true, undefined)
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  switch (field.kind) {
    case 'object': {
      const branches = branchesOf(of) ?? [{}]
      return fc.constantFrom(...branches).chain((branch) => {
        const members = { ...propertiesOf(of), ...propertiesOf(branch) }
        const entries = Object.entries(members).map(([name, each]) => [
          name,
          'const' in each ? fc.constant(each.const) : valuesOf(each),
        ])
        const model = Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>
        return fc.record({ ...model, foreign: fc.jsonValue() }, { requiredKeys: [] })
      })
    }
    case 'list':
      return fc.array(valuesOf((of.items ?? {}) as JsonSchema), { maxLength: 3 })
    case 'map':
      return fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), valuesOf(valueSchema(of, 'a')), { maxKeys: 3 })
    case 'choices':
      return fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'))
    case 'choice':
      return fc.constantFrom(...field.choices.map(({ value }) => value))
    case 'number':
      return number
    case 'switch':
      return fc.boolean()
    case 'union':
      return fc.oneof(...(branchesOf(of) ?? []).map(valuesOf))
    default:
      return fc.string({ minLength: 1 })
  }
}

/** Every place of a form where something is typed or chosen, with how to put another value there. */
interface Place {
  readonly value: unknown
  readonly put: (value: unknown) => unknown
}

function places(field: Field, value: unknown, put: (value: unknown) => unknown): Place[] {
  if (value === undefined) return []
  switch (field.kind) {
    case 'object': {
      const object = (value ?? {}) as Record<string, unknown>
      const own = shapeOf(field.schema, object)
      const within = own.branches ? [own.branches[meantBranch(own.branches, object)]!] : []
      return [field.schema, ...within].flatMap((each) =>
        fieldsOf(each, object).flatMap((inner) =>
          places(inner, object[inner.key], (changed) => put(withMember(object, inner.key, changed, inner.schema))),
        ),
      )
    }
    case 'list': {
      const list = (value ?? []) as unknown[]
      const items = (field.schema.items ?? {}) as JsonSchema
      return list.flatMap((item, at) =>
        places(fieldOf('', items, true, item), item, (changed) => put(list.with(at, changed))),
      )
    }
    case 'map': {
      const map = (value ?? {}) as Record<string, unknown>
      return Object.entries(map).flatMap(([name, each]) => [
        ...places(fieldOf(name, valueSchema(field.schema, name), true, each), each, (changed) => put({ ...map, [name]: changed })), // prettier-ignore
        { value: map, put: () => put(renamed(renamed(map, name, 'other name'), 'other name', name)) },
      ])
    }
    default:
      return [{ value, put }]
  }
}

const exact = (value: unknown) => JSON.stringify(value)

describe('for any value', () => {
  it('every place of the form put back to what it was leaves the whole as it was, in its order', () => {
    let seen = 0
    fc.assert(
      fc.property(valuesOf(schema), (value) => {
        for (const place of places(fieldOf('', schema, true, value), value, (whole) => whole)) {
          seen += 1
          expect(exact(place.put(place.value))).toBe(exact(value))
        }
      }),
      { numRuns: 60 },
    )
    expect(seen).toBeGreaterThan(500)
  })

  it('a branch that is left and come back to is as it was', () => {
    const branches = branchesOf(member('security'))!
    fc.assert(
      fc.property(valuesOf(member('security')), fc.nat(2), (value, to) => {
        const object = value as Record<string, unknown>
        const from = meantBranch(branches, object)
        const there = switchBranch(branches[from]!, branches[to]!, object)
        const back = switchBranch(branches[to]!, branches[from]!, there, object)
        expect(back).toEqual({ ...object, ...(from === to ? there : {}), type: back.type })
        expect(meantBranch(branches, there)).toBe(to)
      }),
      { examples: [[{ password: ' ' }, 1]] },
    )
  })

  it('nothing that the form draws throws, whatever stands there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys(schema)), fc.jsonValue()), (value) => {
        const whole = { ...value }
        for (const field of fieldsOf(schema, whole)) places(field, whole[field.key], (changed) => changed)
        expect(Array.isArray(schemaErrors(schema, whole, ''))).toBe(true)
      }),
    )
  })
})
