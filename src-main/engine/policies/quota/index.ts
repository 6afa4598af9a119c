import { Type } from 'typebox'
import { errorStrategy, isAsync, limitOf } from '../limiting/configuration'
import { createLimit, type LimitKind } from '../limiting/create-limit'
import { definePolicy } from '../policy'
import guide from './guide.md?raw'

const kind: LimitKind = {
  policy: 'quota',
  field: 'quota',
  keyType: 'q',
  headers: 'X-Quota',
  tooMany: 'QUOTA_TOO_MANY_REQUESTS',
  notCounted: 'QUOTA_BLOCK_ON_INTERNAL_ERROR',
  called: 'Quota',
  dynamicUnit: 'HOURS',
  leave({ attributes }, { count, resetAt }, limit) {
    attributes.set('quota.count', count)
    attributes.set('quota.limit', limit)
    attributes.set('quota.remaining', Math.max(0, limit - count))
    attributes.set('quota.reset.time', resetAt)
  },
}

/** Gravitee's configuration of the `quota` policy. */
const configuration = Type.Object({
  quota: limitOf('Quota', ['MONTHS', 'WEEKS', 'DAYS', 'HOURS'], {
    MONTHS: 'Months',
    WEEKS: 'Weeks',
    DAYS: 'Days',
    HOURS: 'Hours',
  }),
  addHeaders: Type.Optional(
    Type.Boolean({
      title: 'Tell the caller',
      description: 'Adds X-Quota-Limit, X-Quota-Remaining and X-Quota-Reset to the answer',
      default: true,
    }),
  ),
  async: isAsync,
  errorStrategy,
})

export const quota = definePolicy({
  id: 'quota',
  name: 'Quota',
  summary: 'Lets so many calls through in hours, days or months',
  category: 'traffic',
  icon: 'i-lucide-calendar-clock',
  phases: ['request'],
  configuration,
  guide,
  errors: {
    QUOTA_TOO_MANY_REQUESTS: { status: 429, meaning: 'More requests than the quota lets through in the period' },
    QUOTA_BLOCK_ON_INTERNAL_ERROR: { status: 429, meaning: 'The request could not be counted' },
  },
  create({ quota: limit, addHeaders = true, errorStrategy: strategy }, bound) {
    const settings = { ...limit, periodTimeUnit: limit.periodTimeUnit ?? 'MONTHS' }
    const blocksWhenNotCounted = strategy === 'BLOCK_ON_INTERNAL_ERROR'
    return {
      request: createLimit(kind, settings, {
        addHeaders,
        blocksWhenNotCounted,
        counters: bound.counters.lasting,
        bound,
      }),
    }
  },
})
