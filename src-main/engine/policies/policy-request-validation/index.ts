import { Type, type Static } from 'typebox'
import type { Exchange } from '../../gateway/exchange'
import { textOf } from '../../expression/text-of'
import { configuredText } from '../configured-text'
import { ConfigurationError, definePolicy, type Bound, type Failure } from '../policy'
import { statusChoice } from '../statuses'
import { CONSTRAINTS, filledIn, MESSAGES, prepareConstraint, type Check, type ConstraintType } from './constraints'
import guide from './guide.md?raw'

const LABELS = {
  NOT_NULL: 'is there (NOT_NULL)',
  MIN: 'is at least (MIN)',
  MAX: 'is at most (MAX)',
  MAIL: 'is an e-mail address (MAIL)',
  DATE: 'is a date of the format (DATE)',
  PATTERN: 'matches a pattern (PATTERN)',
  SIZE: 'has a length between (SIZE)',
  ENUM: 'is one of (ENUM)',
} satisfies Record<ConstraintType, string>

const Rule = Type.Object({
  input: Type.String({
    title: 'Value',
    description: 'What is judged: an expression',
    minLength: 1,
    'x-expression': true,
    examples: ["{#request.params['email'][0]}"],
  }),
  isRequired: Type.Optional(
    Type.Boolean({ title: 'Required', description: 'Off: judged only where there is a value', default: true }),
  ),
  constraint: Type.Object(
    {
      type: Type.Unsafe<ConstraintType>({
        type: 'string',
        title: 'The value',
        enum: [...CONSTRAINTS],
        'x-enum-labels': LABELS,
        default: 'NOT_NULL',
      }),
      parameters: Type.Optional(
        Type.Array(Type.String(), {
          title: 'Parameters',
          description: 'The number, format, pattern, both lengths, or the values; may be expressions',
        }),
      ),
      message: Type.Optional(
        Type.String({
          title: 'Message',
          description: '%s stands for the value, and then for each parameter',
          maxLength: 1024,
          examples: ["'%s' must be at least '%s'"],
        }),
      ),
    },
    { title: 'Constraint' },
  ),
})

const configuration = Type.Object({
  status: statusChoice({ title: 'Status', description: 'Of the answer when a rule is broken', default: '400' }),
  rules: Type.Array(Rule, { title: 'Rules', description: 'All of them must hold', default: [] }),
  scope: Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      title: 'Scope',
      description: 'Of version 2 definitions. Here a rule that looks at the content has it collected',
      enum: ['REQUEST', 'REQUEST_CONTENT'],
      deprecated: true,
    }),
  ),
})

/** Characters of a broken value that the caller reads back. */
const SHOWN = 200
/** Constraints whose parameters are expressions, kept prepared: callers may have a say in what these come to. */
const MOST_KEPT = 100

export const requestValidation = definePolicy({
  id: 'policy-request-validation',
  name: 'Validate request',
  summary: 'Lets in only requests that keep to rules',
  category: 'other',
  icon: 'i-lucide-list-checks',
  phases: ['request'],
  configuration,
  guide,
  errors: {
    REQUEST_VALIDATION_INVALID: { status: 400, meaning: 'A rule is broken (the status is the configured one)' },
  },

  create({ status: text, rules: configured }, bound) {
    const status = Number(text)
    if (status < 200)
      throw new ConfigurationError('status', `${status} is no status that ends a request`, 'Choose 200 or above.')
    const rules = configured.map((rule, index) => prepareRule(bound, rule, `rules/${index}`))
    return {
      request(exchange) {
        const broken: Violation[] = []
        for (const rule of rules) {
          const violation = rule(exchange)
          if (violation !== undefined) broken.push(violation)
        }
        if (broken.length > 0) return invalid(status, broken)
        exchange.trace?.passed(rules.length === 1 ? 'The rule holds' : `All ${rules.length} rules hold`)
        return undefined
      },
    }
  },
})

interface Violation {
  readonly message: string
  readonly rule: string
}

function prepareRule(
  bound: Bound,
  { input, isRequired = true, constraint: { type, parameters = [], message = '' } }: Static<typeof Rule>,
  field: string,
): (exchange: Exchange) => Violation | undefined {
  const value = configuredText(bound, `${field}/input`, input)
  const given = parameters.map((parameter, index) =>
    configuredText(bound, `${field}/constraint/parameters/${index}`, parameter),
  )
  const isConstant = given.every(({ constant }) => constant !== undefined)
  const check = checkOf(type, isConstant ? parameters : undefined, field)
  return (exchange) => {
    const found = value.valueOf(exchange)
    if (found === null && !isRequired) return undefined
    const text = found === null ? null : textOf(found)
    const values = isConstant ? parameters : given.map((each) => each.of(exchange))
    if (check(values)(text)) return undefined
    const shown = (text ?? 'null').slice(0, SHOWN)
    return {
      message: filledIn(message === '' ? MESSAGES[type] : message, [shown, ...values]),
      rule: `${input} ${type}`,
    }
  }
}

/** Parameters that are known at deploy must make a constraint; others that do not are broken by every value. */
function checkOf(
  type: ConstraintType,
  constant: readonly string[] | undefined,
  field: string,
): (parameters: readonly string[]) => Check {
  if (constant !== undefined) {
    const check = prepareConstraint(type, constant)
    if (typeof check === 'string')
      throw new ConfigurationError(`${field}/constraint/parameters`, check, 'Correct the parameters.')
    return () => check
  }
  const kept = new Map<string, Check>()
  return (parameters) => {
    const key = JSON.stringify(parameters)
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = prepareConstraint(type, parameters)
    const check = typeof made === 'string' ? () => false : made
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, check)
    return check
  }
}

const invalid = (status: number, broken: readonly Violation[]): Failure => ({
  key: 'REQUEST_VALIDATION_INVALID',
  status,
  message: 'Request is not valid according to constraint rules',
  members: { constraints: broken.map(({ message }) => message) },
  parameters: { violations: broken.map(({ message }) => message) },
  sentence: broken.length === 1 ? broken[0]!.message : `${broken.length} rules are broken: ${broken.map(({ message }) => message).join('; ')}`, // prettier-ignore
  evidence: broken.map(({ rule, message }) => ({ label: rule, value: message })),
  remedies: [],
})
