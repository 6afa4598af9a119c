import type { Step } from '@shared/api-definition'
import { DATE, DATE_TIME, INTEGER, NO_LIMIT, NUMBER, UUID } from '../openapi/constraints'
import { members, objects, text, type Open } from '../values'

/** What rules for requests say of parameters and bodies, as an operation of OpenAPI has it. */
export interface DescribedRequests {
  readonly parameters: readonly Open[]
  readonly requestBody: Open | undefined
  /** How many rules OpenAPI has no words for. */
  readonly left: number
}

const PLACES: Readonly<Record<string, string>> = { params: 'query', pathParams: 'path', headers: 'header' }

/** Reads the steps of the policy that validates requests, as the import from OpenAPI writes them and as people do. */
export function describedRequests(steps: readonly Step[]): DescribedRequests {
  const parameters = new Map<string, { name: string; in: string; required: boolean; schema: Record<string, unknown> }>()
  const body: Member = { schema: {}, members: new Map(), isRequired: false }
  let hasBody = false
  let left = 0
  for (const { value } of steps.filter(isCheck).flatMap(({ configuration }) => objects(configuration?.rules, ''))) {
    const input = text(value.input) ?? ''
    const rule = members(value.constraint)
    const type = text(rule.type) ?? ''
    const given = Array.isArray(rule.parameters) ? rule.parameters.map(String) : []
    const parameter = /^\{#request\.(params|pathParams|headers)\['([^']+)'\](?:\[0\])?\}$/.exec(input)
    const member = /^\{#request\.jsonContent((?:\.\w+|\['[^']+'\])*)( != null)?\}$/.exec(input)
    if (parameter) {
      const [, where = '', name = ''] = parameter
      const place = PLACES[where]!
      const key = `${place} ${name}`
      const found = parameters.get(key) ?? { name, in: place, required: place === 'path', schema: {} }
      parameters.set(key, found)
      if (value.isRequired === true) found.required = true
      if (!describe(found.schema, type, given)) left++
    } else if (member) {
      hasBody = true
      const [, path = '', asked] = member
      const found = [...path.matchAll(/\.(\w+)|\['([^']+)'\]/g)].reduce(
        (at, [, plain, quoted]) => memberOf(at, plain ?? quoted ?? ''),
        body,
      )
      if (value.isRequired === true) found.isRequired = true
      if (asked === undefined && !describe(found.schema, type, given)) left++
    } else left++
  }
  return {
    parameters: [...parameters.values()].map(({ required, schema, ...parameter }) => ({
      ...parameter,
      ...(required ? { required } : {}),
      schema: { type: 'string', ...schema },
    })),
    requestBody: hasBody ? { ...(steps.some(isBodyWanted) ? { required: true } : {}), content: { 'application/json': { schema: schemaOf(body) } } } : undefined, // prettier-ignore
    left,
  }
}

const isCheck = ({ policy, enabled }: Step) => policy === 'policy-request-validation' && enabled
/** A check of bodies that has no condition is for every request. */
const isBodyWanted = (step: Step) =>
  isCheck(step) &&
  step.condition === undefined &&
  objects(step.configuration?.rules, '').some(({ value }) => value.isRequired === true && String(value.input).includes('jsonContent')) // prettier-ignore

interface Member {
  readonly schema: Record<string, unknown>
  readonly members: Map<string, Member>
  isRequired: boolean
}

function memberOf(parent: Member, name: string): Member {
  const found = parent.members.get(name) ?? { schema: {}, members: new Map(), isRequired: false }
  parent.members.set(name, found)
  return found
}

function schemaOf({ schema, members: all }: Member): Open {
  if (all.size === 0) return schema
  const required = [...all].flatMap(([name, { isRequired }]) => (isRequired ? [name] : []))
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries([...all].map(([name, each]) => [name, schemaOf(each)])),
  }
}

/** Patterns that the import writes for what a schema says in a word. */
const WORDS: Readonly<Record<string, Open>> = {
  [INTEGER]: { type: 'integer' },
  [NUMBER]: { type: 'number' },
  [DATE_TIME]: { type: 'string', format: 'date-time' },
  [UUID]: { type: 'string', format: 'uuid' },
}

/** Adds a constraint to a schema. @returns whether the schema has words for it */
function describe(schema: Record<string, unknown>, type: string, given: readonly string[]): boolean {
  const [first = '', second = ''] = given
  const isNumber = /^-?\d+(\.\d+)?$/.test(first)
  switch (type) {
    case 'NOT_NULL':
      return true
    case 'PATTERN':
      Object.assign(schema, WORDS[first] ?? { type: 'string', pattern: first })
      return true
    case 'ENUM':
      if (given.join() === 'true,false') schema.type = 'boolean'
      else schema.enum = ['integer', 'number'].includes(String(schema.type)) ? given.map(Number) : [...given]
      return true
    case 'MIN':
    case 'MAX':
      if (!isNumber) return false
      schema.type ??= 'number'
      schema[type === 'MIN' ? 'minimum' : 'maximum'] = Number(first)
      return true
    case 'SIZE':
      if (!isNumber || !/^\d+$/.test(second)) return false
      Object.assign(schema, { type: 'string' }, first === '0' ? {} : { minLength: Number(first) }, second === NO_LIMIT ? {} : { maxLength: Number(second) }) // prettier-ignore
      return true
    case 'MAIL':
      Object.assign(schema, { type: 'string', format: 'email' })
      return true
    case 'DATE':
      if (first !== DATE) return false
      Object.assign(schema, { type: 'string', format: 'date' })
      return true
    default:
      return false
  }
}
