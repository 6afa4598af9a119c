import { Type } from 'typebox'
import { errorStrategy, isAsync, limitOf } from '../limiting/configuration'
import { createLimit, type LimitKind } from '../limiting/create-limit'
import { definePolicy } from '../policy'
import guide from './guide.md?raw'

const kind: LimitKind = {
  policy: 'rate-limit',
  field: 'rate',
  keyType: 'rl',
  headers: 'X-Rate-Limit',
  tooMany: 'RATE_LIMIT_TOO_MANY_REQUESTS',
  notCounted: 'RATE_LIMIT_BLOCK_ON_INTERNAL_ERROR',
  called: 'Rate limit',
  dynamicUnit: 'SECONDS',
}

/** Gravitee's configuration of the `rate-limit` policy. */
const configuration = Type.Object({
  rate: limitOf('Limit', ['SECONDS', 'MINUTES'], { SECONDS: 'Seconds', MINUTES: 'Minutes' }),
  addHeaders: Type.Optional(
    Type.Boolean({
      title: 'Tell the caller',
      description: 'Adds X-Rate-Limit-Limit, X-Rate-Limit-Remaining and X-Rate-Limit-Reset to the answer',
      default: false,
    }),
  ),
  async: isAsync,
  errorStrategy,
})

export const rateLimit = definePolicy({
  id: 'rate-limit',
  name: 'Rate limit',
  summary: 'Lets so many calls through in a short time',
  category: 'traffic',
  icon: 'i-lucide-gauge',
  phases: ['request'],
  configuration,
  guide,
  errors: {
    RATE_LIMIT_TOO_MANY_REQUESTS: { status: 429, meaning: 'More requests than the limit lets through in the period' },
    RATE_LIMIT_BLOCK_ON_INTERNAL_ERROR: { status: 429, meaning: 'The request could not be counted' },
  },
  create({ rate, addHeaders = false, errorStrategy: strategy }, bound) {
    const settings = { ...rate, periodTimeUnit: rate.periodTimeUnit ?? 'SECONDS' }
    const blocksWhenNotCounted = strategy === 'BLOCK_ON_INTERNAL_ERROR'
    return {
      request: createLimit(kind, settings, {
        addHeaders,
        blocksWhenNotCounted,
        counters: bound.counters.passing,
        bound,
      }),
    }
  },
})
