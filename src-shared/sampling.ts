import { Type, type Static } from 'typebox'

/**
 * Of which calls something is kept: Gravitee's `analytics.sampling` of a v4 API. There it is about messages; here about the trace of
 * a call, since every call is in the traffic anyway. Written by hand it may be anything: `parseSampling` judges it.
 * Source: gravitee-apim-definition, `io.gravitee.definition.model.v4.analytics.sampling`.
 */
export const Sampling = Type.Object({
  type: Type.String({ maxLength: 64, description: 'probability, count, temporal or windowed_count' }),
  value: Type.String({
    maxLength: 64,
    description:
      'probability: 0.01 to 1. count: one in so many. temporal: one at most in such a time, e.g. PT10S. windowed_count: so many in such a time, e.g. 10/PT1M',
  }),
})
export type Sampling = Static<typeof Sampling>

/** Times in milliseconds. */
export type ParsedSampling =
  | { readonly type: 'probability'; readonly part: number }
  | { readonly type: 'count'; readonly every: number }
  | { readonly type: 'temporal'; readonly everyMs: number }
  | { readonly type: 'windowed_count'; readonly count: number; readonly windowMs: number }

/** What is wrong with a sampling: which of its members, and what to do. */
export interface SamplingFault {
  readonly member: 'type' | 'value'
  readonly message: string
  readonly remedy: string
}

/** Types in any case, as definitions have them in small letters and the management API in capitals. */
export function parseSampling({ type, value }: Sampling): ParsedSampling | SamplingFault {
  const wrong = (remedy: string): SamplingFault => ({ member: 'value', message: `${value} is no ${type.toLowerCase()} of calls to trace`, remedy }) // prettier-ignore
  switch (type.toLowerCase()) {
    case 'probability': {
      const part = /^\d*\.?\d+$/.test(value) ? Number(value) : 0
      return part >= 0.01 && part <= 1 ? { type: 'probability', part } : wrong('Give a part from 0.01 to 1, such as 0.1.') // prettier-ignore
    }
    case 'count': {
      const every = whole(value)
      return every === undefined ? wrong('Give a whole number from 1, such as 100 for one call in a hundred.') : { type: 'count', every } // prettier-ignore
    }
    case 'temporal': {
      const everyMs = durationOf(value)
      return everyMs === undefined ? wrong('Give a time as ISO 8601 has it, such as PT10S.') : { type: 'temporal', everyMs } // prettier-ignore
    }
    case 'windowed_count': {
      const [count = '', window = '', ...more] = value.split('/')
      const [of, windowMs] = [whole(count), durationOf(window)]
      return of === undefined || windowMs === undefined || more.length > 0
        ? wrong('Give a number and a time, such as 10/PT1M.')
        : { type: 'windowed_count', count: of, windowMs }
    }
    default:
      return { member: 'type', message: `There is no sampling ${type} here`, remedy: 'Use one of probability, count, temporal, windowed_count.' } // prettier-ignore
  }
}

export const isSamplingFault = (parsed: ParsedSampling | SamplingFault): parsed is SamplingFault => 'member' in parsed

/** `1 call in 10`, for sentences. */
export function samplingWords(sampling: Sampling): string {
  const parsed = parseSampling(sampling)
  if (isSamplingFault(parsed)) return `${sampling.type} ${sampling.value}`
  switch (parsed.type) {
    case 'probability':
      return `${Number((parsed.part * 100).toFixed(2))} % of the calls`
    case 'count':
      return parsed.every === 1 ? 'every call' : `1 call in ${parsed.every}`
    case 'temporal':
      return `1 call in ${parsed.everyMs / 1000} s`
    case 'windowed_count':
      return `${parsed.count} calls in ${parsed.windowMs / 1000} s`
  }
}

function whole(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/** Milliseconds of an ISO 8601 duration of days and less, at least 1; undefined when it is none. */
function durationOf(text: string): number | undefined {
  const match = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,3})?)S)?)?$/i.exec(text)
  if (match === null) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  const milliseconds = Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
  return milliseconds > 0 ? milliseconds : undefined
}
