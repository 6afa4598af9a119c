import { hostname } from 'node:os'
import type { Root } from '@shared/expressions'
import type { Body } from '../gateway/body'
import type { Exchange, Headers, StepTrace } from '../gateway/exchange'
import { maskedText } from '../gateway/masking'
import { lookupIn, type ExpressionContext, type Lookup } from './context'

const NODE = hostname()
const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const

/** What expressions see of a request on its way. */
export function contextOf(exchange: Exchange): ExpressionContext {
  return new ExchangeContext(exchange)
}

/** What is made for each expression of each request has no functions of its own. */
class ExchangeContext implements ExpressionContext {
  constructor(private readonly exchange: Exchange) {}

  valueOf(root: Root, member: string): unknown {
    return valueOf(this.exchange, root, member)
  }
}

/** Null for what is not known at this place of the way. */
export function valueOf(exchange: Exchange, root: Root, member: string): unknown {
  const { api, attributes } = exchange
  switch (root) {
    case 'request':
      return ofRequest(exchange, member)
    case 'response':
      return ofResponse(exchange, member)
    case 'context':
      return new AttributeLookup(attributes)
    case 'properties':
      return lookupIn(api.properties)
    case 'dictionaries':
      return dictionariesOf(exchange)
    case 'endpoints':
      return lookupIn(api.endpointReferences)
    case 'api':
      return member === 'properties' ? lookupIn(api.properties) : own(api, member)
    case 'node':
      return NODE
    case 'date':
      return ofDate(new Date(), member)
    case 'plan':
      return attributes.get(member === 'id' ? 'plan' : 'plan.name') ?? null
    case 'subscription':
      return ofSubscription(attributes, member)
    default:
      return null
  }
}

function ofRequest({ request, transactionId, requestId }: Exchange, member: string): unknown {
  switch (member) {
    case 'headers':
      return new HeaderLookup(request.headers)
    case 'params':
      return paramsOf(request.query)
    case 'pathParams':
      return {
        lookup: (name) => (Object.hasOwn(request.pathParams, name) ? [request.pathParams[name]] : null),
        names: () => Object.keys(request.pathParams),
      } satisfies Lookup
    case 'id':
      return requestId
    case 'transactionId':
      return transactionId
    case 'uri':
      return request.query.size === 0 ? request.path : `${request.path}?${request.query.toString()}`
    case 'paths':
      return request.path.split('/')
    case 'pathInfos':
      return request.pathInfo.split('/')
    case 'content':
    case 'jsonContent':
    case 'xmlContent':
      return ofBody(request.body, member)
    default:
      return own(request, member)
  }
}

function ofResponse({ response }: Exchange, member: string): unknown {
  if (response === undefined) return null
  if (member === 'status') return response.status
  return member === 'headers' ? new HeaderLookup(response.headers) : ofBody(response.body, member)
}

function ofBody(body: Body | undefined, member: string): unknown {
  if (body === undefined) return null
  if (member === 'jsonContent') return body.json
  return member === 'xmlContent' ? body.xml : body.text
}

/** Gravitee keeps its own attributes under a prefix, and finds them without it too. */
const PREFIX = 'gravitee.attribute.'

class AttributeLookup implements Lookup {
  constructor(private readonly attributes: Exchange['attributes']) {}

  lookup(name: string): unknown {
    return (
      this.attributes.get(name) ?? (name.startsWith(PREFIX) ? this.attributes.get(name.slice(PREFIX.length)) : null)
    )
  }

  names(): string[] {
    return [...this.attributes.keys()].filter((name) => !name.startsWith('gatehouse.'))
  }
}

/** What is looked for and not there is told in the trace: an expression gives null for it, which may have been meant. */
function dictionariesOf({ api, trace }: Exchange): Lookup {
  const { byKey } = api.dictionaries()
  return {
    lookup(key) {
      const values = byKey.get(key)
      if (values !== undefined) return entriesOf(key, values, trace)
      trace?.noticed({ label: `Dictionary ${shown(key)}`, value: 'There is none with this key' })
      return null
    },
    names: () => [...byKey.keys()],
  }
}

function entriesOf(dictionary: string, values: Readonly<Record<string, string>>, trace: StepTrace | undefined): Lookup {
  return {
    lookup(key) {
      if (Object.hasOwn(values, key)) return values[key]
      trace?.noticed({ label: `Dictionary ${dictionary}`, value: `It has no key ${shown(key)}` })
      return null
    },
    names: () => Object.keys(values),
  }
}

/** A key may come from the request. */
const shown = (key: string): string => maskedText(key).slice(0, 100)

function ofSubscription(attributes: Exchange['attributes'], member: string): unknown {
  const name = { id: 'subscription-id', applicationId: 'application', type: 'subscription-type', metadata: 'subscription-metadata' }[member] // prettier-ignore
  return name === undefined ? null : (attributes.get(name) ?? null)
}

function ofDate(now: Date, member: string): unknown {
  const text = now.toISOString()
  const parts: Readonly<Record<string, unknown>> = {
    now: text,
    timestamp: now.getTime(),
    date: text.slice(0, 10),
    time: text.slice(11, 19),
    year: now.getUTCFullYear(),
    month: now.getUTCMonth() + 1,
    day: now.getUTCDate(),
    hour: now.getUTCHours(),
    minute: now.getUTCMinutes(),
    second: now.getUTCSeconds(),
    dayOfWeek: DAYS[now.getUTCDay()],
  }
  return parts[member]
}

/** A member whose name the parser has checked. */
function own(target: object, member: string): unknown {
  return (target as Readonly<Record<string, unknown>>)[member] ?? null
}

const paramsOf = (query: URLSearchParams): Lookup => ({
  lookup: (name) => (query.has(name) ? query.getAll(name) : null),
  names: () => [...new Set(query.keys())],
})

/** By name in any case, each as the list of its values. */
class HeaderLookup implements Lookup {
  constructor(private readonly headers: Headers) {}

  lookup(name: string): unknown {
    const value: unknown = this.headers[name.toLowerCase()]
    if (typeof value === 'string') return [value]
    // What every object has is neither.
    return Array.isArray(value) ? value : null
  }

  names(): string[] {
    return Object.keys(this.headers).filter((name) => this.headers[name] !== undefined)
  }
}
