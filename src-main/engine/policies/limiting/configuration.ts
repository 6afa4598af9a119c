import { Type, type Static } from 'typebox'

/** Gravitee's members of a limit; `unit` differs between the rate limit and the quota. */
const members = {
  limit: Type.Optional(
    Type.Integer({
      title: 'Most requests',
      description: 'In one period. At 0 the expression below says how many',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
  ),
  dynamicLimit: Type.Optional(
    Type.String({
      title: 'Most requests, by an expression',
      description: 'Asked with each request where the number above is 0 or missing',
      'x-expression': true,
      'x-advanced': true,
    }),
  ),
  periodTime: Type.Optional(Type.Integer({ title: 'Period', minimum: 1, maximum: 1_000_000, default: 1 })),
  dynamicPeriodTime: Type.Optional(
    Type.String({
      title: 'Period, by an expression',
      description: 'In place of the number above, when a period begins',
      'x-expression': true,
      'x-advanced': true,
    }),
  ),
  key: Type.Optional(
    Type.String({
      title: 'Count apart by',
      description: 'An expression; each of its values has a count of its own. Empty: each subscription to a plan',
      default: '',
      'x-expression': true,
      'x-advanced': true,
    }),
  ),
  useKeyOnly: Type.Optional(
    Type.Boolean({
      title: 'By that alone',
      description: 'On: the same value is the same count in every plan, subscription and API',
      default: false,
      'x-advanced': true,
    }),
  ),
}

/** @param units the first is the one that counts when none is given */
export function limitOf<const U extends string>(title: string, units: readonly U[], labels: Record<U, string>) {
  return Type.Object(
    {
      ...members,
      periodTimeUnit: Type.Optional(
        Type.Unsafe<U>({
          type: 'string',
          enum: units,
          title: 'Unit of the period',
          default: units[0],
          'x-enum-labels': labels,
        }),
      ),
    },
    { title },
  )
}

export const errorStrategy = Type.Optional(
  Type.Union([Type.Literal('FALLBACK_PASS_TROUGH'), Type.Literal('BLOCK_ON_INTERNAL_ERROR')], {
    title: 'When it cannot be counted',
    default: 'FALLBACK_PASS_TROUGH',
    'x-enum-labels': { FALLBACK_PASS_TROUGH: 'Let the request pass', BLOCK_ON_INTERNAL_ERROR: 'Turn the request away' },
    'x-advanced': true,
  }),
)
export type ErrorStrategy = Static<typeof errorStrategy>

export const isAsync = Type.Optional(
  Type.Boolean({
    title: 'Count loosely',
    description: 'For Gravitee, whose gateways share their counts over the network. This gateway always counts exactly',
    default: false,
    'x-advanced': true,
  }),
)
