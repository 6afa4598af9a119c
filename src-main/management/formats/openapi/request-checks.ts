import { members, objects, text, type Open } from '../values'
import { constraintsOf, isExpression, literal, type Constraint } from './constraints'
import { facetsOf, names, type Facets } from './facets'
import type { Resolve } from './references'

/** Levels of objects within a body that are looked at. */
const DEEPEST = 3
/** Rules of one step: more help nobody who reads them. */
const MOST_RULES = 60
/** For a JSON body among others. */
const IS_JSON =
  "{#request.headers['Content-Type'] != null && #request.headers['Content-Type'][0] matches '(?is).*json.*'}"

/** Steps that check what a caller sends, and what of its description they do not check. */
export interface RequestChecks {
  readonly steps: readonly Open[]
  readonly unchecked: readonly string[]
}

interface Rule {
  readonly input: string
  readonly isRequired: boolean
  readonly constraint: Constraint
}

/**
 * The parameters and the JSON body of an operation as steps of the policy `policy-request-validation`. It judges texts: a parameter's
 * type, limits, length, pattern, values and format, and the same of the members of a body.
 *
 * @param parameters of the path and of the operation, those of the operation last
 * @param pathParameters names that the flow's path has
 */
export function requestChecks(
  parameters: unknown,
  body: unknown,
  pathParameters: readonly string[],
  resolve: Resolve,
): RequestChecks {
  const reasons = new Set<string>()
  const unchecked = (reason: string) => void reasons.add(reason)
  const ofParameters = merged(parameters, resolve).flatMap((parameter) =>
    parameterRules(parameter, pathParameters, resolve, unchecked),
  )
  const { rules, condition } = bodyRules(members(resolve(body)), resolve, unchecked)
  return {
    steps: [
      ...step('Check parameters', ofParameters, undefined, unchecked),
      ...step('Check body', rules, condition, unchecked),
    ],
    unchecked: [...reasons],
  }
}

function step(
  name: string,
  rules: readonly Rule[],
  condition: string | undefined,
  unchecked: (reason: string) => void,
): Open[] {
  if (rules.length === 0) return []
  if (rules.length > MOST_RULES) unchecked(`What is described beyond ${MOST_RULES} rules`)
  return [
    {
      name,
      enabled: true,
      policy: 'policy-request-validation',
      ...(condition === undefined ? {} : { condition }),
      configuration: { scope: name === 'Check body' ? 'REQUEST_CONTENT' : 'REQUEST', status: '400', rules: rules.slice(0, MOST_RULES) }, // prettier-ignore
    },
  ]
}

/** A parameter of the operation stands for one of the path of the same name and place. */
function merged(parameters: unknown, resolve: Resolve): Open[] {
  const found = new Map<string, Open>()
  const list = Array.isArray(parameters) ? parameters.map((each: unknown) => resolve(each)) : []
  for (const { value } of objects(list, '')) found.set(`${String(value.in)} ${String(value.name)}`, value)
  return [...found.values()]
}

const PLACES: Readonly<Record<string, string>> = { query: 'params', path: 'pathParams', header: 'headers' }
/** RFC 9110 has its own say on these; OpenAPI 3.1.1 §4.8.12 has them ignored. */
const NO_PARAMETERS = ['accept', 'content-type', 'authorization']

function parameterRules(
  parameter: Open,
  pathParameters: readonly string[],
  resolve: Resolve,
  unchecked: (reason: string) => void,
): Rule[] {
  const name = text(parameter.name)
  const place = text(parameter.in) ?? ''
  const where = PLACES[place]
  if (name === undefined || (place === 'header' && NO_PARAMETERS.includes(name.toLowerCase()))) return []
  if (where === undefined) return nothing(unchecked, 'Parameters in cookies')
  if (place === 'path' && !pathParameters.includes(name))
    return nothing(unchecked, 'Parameters that are a piece of a part of the path')
  const input = `{#request.${where}['${name}'][0]}`
  if (!isPlainName(name)) return nothing(unchecked, 'Parameters with quotes or braces in their names')
  const what = `The ${place === 'header' ? 'header' : `${place} parameter`} ${name}`
  const facets = facetsOf(parameter.schema, resolve)
  const isRequired = parameter.required === true && place !== 'path'
  const presence: Rule[] = isRequired
    ? [
        {
          input,
          isRequired: true,
          constraint: { type: 'NOT_NULL', parameters: [], message: `${literal(what)} is missing` },
        },
      ]
    : []
  if (facets.type === 'array' || facets.type === 'object') {
    unchecked('Entries of lists and objects in parameters')
    return presence
  }
  return [...presence, ...constraintsOf(facets, what, unchecked).map((constraint) => optional(input, constraint))]
}

const optional = (input: string, constraint: Constraint): Rule => ({ input, isRequired: false, constraint })

function bodyRules(
  body: Open,
  resolve: Resolve,
  unchecked: (reason: string) => void,
): { rules: Rule[]; condition: string | undefined } {
  const content = members(body.content)
  const mediaTypes = Object.keys(content)
  const json = mediaTypes.filter((type) => /[/+]json($|;)/i.test(type))
  if (mediaTypes.length > json.length) unchecked('Bodies of other media types than JSON')
  const [first] = json
  if (first === undefined) return { rules: [], condition: undefined }
  const facets = facetsOf(members(content[first]).schema, resolve)
  const isAlways = body.required === true && mediaTypes.length === json.length
  const presence = isAlways
    ? [present('{#request.jsonContent != null}', 'The body is missing, or is no JSON')]
    : [present('{#request.jsonContent != null}', 'The body is no JSON')]
  return {
    rules: [...presence, ...memberRules(facets, '#request.jsonContent', '', true, 1, resolve, unchecked)],
    condition: isAlways ? undefined : IS_JSON,
  }
}

/** A value may be there and be blank, so that it is asked for by an expression. */
const present = (input: string, message: string): Rule => ({
  input,
  isRequired: true,
  constraint: { type: 'ENUM', parameters: ['true'], message: literal(message) },
})

function memberRules(
  facets: Facets,
  at: string,
  path: string,
  isThere: boolean,
  depth: number,
  resolve: Resolve,
  unchecked: (reason: string) => void,
): Rule[] {
  const { schema, type } = facets
  if (type === 'array') return nothing(unchecked, 'Entries of lists in bodies')
  if (type !== 'object') return facets.hasAlternatives ? nothing(unchecked, 'Alternatives in schemas (oneOf, anyOf, not)') : [] // prettier-ignore
  if (facets.hasAlternatives) unchecked('Alternatives in schemas (oneOf, anyOf, not)')
  if (schema.additionalProperties === false) unchecked('That bodies have no further members')
  const required = isThere ? names(schema.required) : []
  return Object.entries(members(schema.properties)).flatMap(([name, value]) => {
    if (!isPlainName(name)) return nothing(unchecked, 'Members with quotes or braces in their names')
    const own = facetsOf(value, resolve)
    if (own.schema.readOnly === true) return []
    const label = path === '' ? name : `${path}.${name}`
    const member = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `${at}.${name}` : `${at}['${name}']`
    const isRequired = required.includes(name) && !own.isNullable
    const presence = isRequired ? [present(`{${member} != null}`, `The member ${label} of the body is missing`)] : []
    if (own.type === 'object' && depth < DEEPEST)
      return [...presence, ...memberRules(own, member, label, isRequired, depth + 1, resolve, unchecked)]
    if (own.type === 'object' || own.type === 'array') {
      unchecked(own.type === 'array' ? 'Entries of lists in bodies' : `Members of bodies deeper than ${DEEPEST} levels`)
      return presence
    }
    const what = `The member ${label} of the body`
    return [...presence, ...constraintsOf(own, what, unchecked).map((each) => optional(`{${member}}`, each))]
  })
}

function nothing(unchecked: (reason: string) => void, reason: string): [] {
  unchecked(reason)
  return []
}

const isPlainName = (name: string) => !/['{}\\]/.test(name) && !isExpression(name)
