import { expect, it } from 'vitest'
import { operations } from '@shared/operations'
import { Workspace } from '@shared/workspace'
import { catalogue } from '../catalogue'
import { patternWords } from '@shared/pattern-words'
import { schemaErrors } from '@shared/schema-errors'

/** Every pattern that stands anywhere in a schema. */
function patternsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, member]) =>
    name === 'pattern' && typeof member === 'string' ? [member] : patternsOf(member),
  )
}

it('has words for every pattern of the contract and of the configurations', () => {
  const inputs = Object.values(operations).map(({ input }) => input)
  const configurations = [...catalogue.policies, ...catalogue.resources].map(({ configuration }) => configuration)
  const found = new Set(patternsOf([inputs, configurations, Workspace]))
  expect(found).toContain('^https?://')
  expect([...found].filter((pattern) => !patternWords.has(pattern))).toEqual([])
})

it('tells what an address has to begin with, in words', () => {
  const schema = { type: 'string', title: 'Server', pattern: '^https?://' }
  expect(schemaErrors(schema, 'notaurl', '/serverURL')).toMatchObject([
    { message: 'Server must start with http:// or https://', remedy: expect.stringContaining('http://') as unknown },
  ])
})
