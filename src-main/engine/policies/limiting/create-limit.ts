import type { Evidence } from '@shared/traffic'
import { textOf } from '../../expression/text-of'
import type { Count, Counters } from '../../gateway/counters'
import type { Exchange } from '../../gateway/exchange'
import { configuredText } from '../configured-text'
import { openPlace } from '../open-place'
import { ConfigurationError, type Bound, type Failure, type Handler } from '../policy'
import { endOfPeriod, periodInWords, type PeriodUnit } from './period'

/** What tells the rate limit from the quota. */
export interface LimitKind {
  readonly policy: string
  /** Member of the configuration that holds the limit. */
  readonly field: string
  /** Gravitee's, at the end of a count's key. */
  readonly keyType: string
  /** Before `-Limit`, `-Remaining` and `-Reset`. */
  readonly headers: string
  readonly tooMany: string
  readonly notCounted: string
  /** Before `exceeded` in what the caller is told. */
  readonly called: string
  /** Of a period that an expression gives. */
  readonly dynamicUnit: PeriodUnit
  /** Leaves what was counted for later policies. */
  readonly leave?: (exchange: Exchange, count: Count, limit: number) => void
}

export interface LimitSettings {
  readonly limit?: number | undefined
  readonly dynamicLimit?: string | undefined
  readonly periodTime?: number | undefined
  readonly dynamicPeriodTime?: string | undefined
  readonly periodTimeUnit: PeriodUnit
  readonly key?: string | undefined
  readonly useKeyOnly?: boolean | undefined
}

export interface LimitOptions {
  readonly addHeaders: boolean
  readonly blocksWhenNotCounted: boolean
  readonly counters: Counters
  readonly bound: Bound
}

/**
 * Counts each request and turns away those beyond the limit.
 *
 * @throws ConfigurationError when there is no limit, or an expression does not parse
 */
export function createLimit(kind: LimitKind, settings: LimitSettings, options: LimitOptions): Handler {
  const { addHeaders, blocksWhenNotCounted, counters, bound } = options
  const { place } = bound
  const limitOf = numberOf(bound, kind, 'dynamicLimit', settings.dynamicLimit, settings.limit ?? 0)
  if (limitOf === undefined)
    throw new ConfigurationError(
      `${kind.field}/limit`,
      'it does not say how many requests are let through',
      'Give a number above 0, or an expression that says it.',
    )
  const keyOf = keyTemplate(bound, kind, settings.key)
  const usesKeyOnly = settings.useKeyOnly === true && keyOf !== undefined
  const dynamicPeriod = numberOf(bound, kind, 'dynamicPeriodTime', settings.dynamicPeriodTime, 0)
  const unit = dynamicPeriod === undefined ? settings.periodTimeUnit : kind.dynamicUnit

  const countKey = (consumer: Consumer | undefined, key: string): string =>
    JSON.stringify([consumer === undefined ? '' : nameOf(consumer), key, kind.keyType, usesKeyOnly ? '' : place.path])
  let last: { readonly consumer: Consumer; readonly countKey: string } | undefined

  /** Consumers call again and again: the key of the last one's count is kept. */
  function countsApart(exchange: Exchange): string {
    if (usesKeyOnly) return countKey(undefined, keyOf(exchange))
    const consumer = consumerOf(exchange)
    if (keyOf !== undefined) return countKey(consumer, keyOf(exchange))
    if (last === undefined || !isSame(last.consumer, consumer)) last = { consumer, countKey: countKey(consumer, '') }
    return last.countKey
  }

  const [ofLimit, ofRemaining, ofReset] = [`${kind.headers}-Limit`, `${kind.headers}-Remaining`, `${kind.headers}-Reset`] as const // prettier-ignore

  function addLimitHeaders(exchange: Exchange, limit: number, remaining: number, resetAt: number): void {
    const headers = (exchange.answerHeaders ??= {})
    headers[ofLimit] = String(limit)
    headers[ofRemaining] = String(remaining)
    headers[ofReset] = String(resetAt)
  }

  function judge(exchange: Exchange, count: Count, limit: number, period: number): Failure | undefined {
    const remaining = Math.max(0, limit - count.count)
    if (addHeaders) addLimitHeaders(exchange, limit, remaining, count.resetAt)
    kind.leave?.(exchange, count, limit)
    if (count.count > limit) {
      if (addHeaders) exchange.answerHeaders!['Retry-After'] = String(secondsTo(count.resetAt, exchange))
      return tooMany(exchange, count, limit, period)
    }
    exchange.trace?.passed(
      `Request ${count.count} of ${limit} in ${periodInWords(period, unit)}`,
      evidenceOf(count, limit, period),
    )
    return undefined
  }

  const evidenceOf = (count: Count, limit: number, period: number): Evidence[] => [
    { label: 'Limit', value: `${limit} in ${periodInWords(period, unit)}` },
    { label: 'Counted', value: String(count.count) },
    { label: 'Starts again', value: new Date(count.resetAt).toISOString() },
    { label: 'Counted by', value: countedBy(usesKeyOnly, keyOf !== undefined) },
  ]

  const openLimit = openPlace(place, 'Open the limit')

  function tooMany(exchange: Exchange, count: Count, limit: number, period: number): Failure {
    return {
      key: kind.tooMany,
      status: 429,
      message: `${kind.called} exceeded! You reached the limit of ${limit} requests per ${period} ${unit.toLowerCase()}`,
      sentence: `This is request ${count.count} in ${periodInWords(period, unit)}, and ${limit} are let through; the count starts again in ${secondsTo(count.resetAt, exchange)} s`,
      source: 'RFC 6585 §4',
      evidence: evidenceOf(count, limit, period),
      remedies: [openLimit],
    }
  }

  function notCounted(exchange: Exchange, limit: number): Failure | undefined {
    if (blocksWhenNotCounted)
      return {
        key: kind.notCounted,
        status: 429,
        message: `${kind.called} blocked the query due to internal error`,
        sentence: 'The request could not be counted, because the counts cannot be read from the disk',
        evidence: [],
        remedies: [openLimit],
      }
    if (addHeaders) addLimitHeaders(exchange, limit, limit, -1)
    exchange.trace?.passed('The request could not be counted, and is let through as the limit is set up')
    return undefined
  }

  return (exchange) => {
    const limit = limitOf(exchange)
    let period = settings.periodTime ?? 1
    if (dynamicPeriod !== undefined) period = Math.max(1, dynamicPeriod(exchange))
    const { timestamp } = exchange.request
    const counted = counters.hit(countsApart(exchange), timestamp, (start) => endOfPeriod(start, period, unit))
    return counted instanceof Promise
      ? counted.then(
          (count) => judge(exchange, count, limit, period),
          () => notCounted(exchange, limit),
        )
      : judge(exchange, counted, limit, period)
  }
}

const secondsTo = (resetAt: number, { request }: Exchange) =>
  Math.max(1, Math.ceil((resetAt - request.timestamp) / 1000))

/** Whose requests are counted together. */
interface Consumer {
  readonly kind: 'plan' | 'client' | 'api'
  /** Of the plan or the client; the API's where it is all there is. */
  readonly id: string
  /** Who came in by the plan, or the API that the client calls. */
  readonly of: unknown
}

/** As Gravitee does it: a subscription to a plan, else an OAuth client, else the API. */
function consumerOf({ attributes, api }: Exchange): Consumer {
  const plan = attributes.get('plan')
  if (typeof plan === 'string') return { kind: 'plan', id: plan, of: attributes.get('user-id') }
  const clientId = attributes.get('oauth.client_id')
  if (typeof clientId === 'string') return { kind: 'client', id: clientId, of: api.id }
  return { kind: 'api', id: api.id, of: undefined }
}

const isSame = (one: Consumer, other: Consumer): boolean =>
  one.id === other.id && one.of === other.of && one.kind === other.kind

const nameOf = ({ kind, id, of }: Consumer): string => (kind === 'api' ? `api ${id}` : `${kind} ${id} ${textOf(of)}`)

function countedBy(usesKeyOnly: boolean, hasKey: boolean): string {
  if (usesKeyOnly) return 'the key alone'
  return hasKey ? 'plan, subscription and the key' : 'plan and subscription; without a plan, the client or the API'
}

/** Undefined when there is neither an expression nor a number above 0. What an expression gives counts as 0 when it is no number. */
function numberOf(
  bound: Bound,
  kind: LimitKind,
  field: string,
  text: string | undefined,
  fixed: number,
): ((exchange: Exchange) => number) | undefined {
  if (fixed > 0) return () => fixed
  if (text === undefined || text.trim() === '') return undefined
  const configured = configuredText(bound, `${kind.field}/${field}`, text)
  const { constant } = configured
  const read = (value: unknown) => Math.max(0, Math.floor(Number(textOf(value))) || 0)
  if (constant === undefined) return (exchange) => read(configured.valueOf(exchange))
  if (!(read(constant.trim()) > 0))
    throw new ConfigurationError(`${kind.field}/${field}`, `${constant} is neither a number above 0 nor an expression`, 'Write an expression such as {#api.properties[\'limit\']}.') // prettier-ignore
  const number = read(constant.trim())
  return () => number
}

function keyTemplate(bound: Bound, kind: LimitKind, text = ''): ((exchange: Exchange) => string) | undefined {
  if (text.trim() === '') return undefined
  return configuredText(bound, `${kind.field}/key`, text).of
}
