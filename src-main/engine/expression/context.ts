/** A list of values by name that an expression may look into. */
export interface Lookup {
  readonly lookup: (name: string) => unknown
  readonly names: () => readonly string[]
}

/** All that an expression can reach; each member is asked only when the expression names it. */
export interface ExpressionContext {
  readonly request: (member: RequestMember) => unknown
  readonly response: (member: ResponseMember) => unknown
  readonly attributes: Lookup
  readonly properties: Lookup
  readonly api: (member: 'id' | 'name') => unknown
}

/** What an expression can start from, after its `#`. Not every place knows all of it. */
export const ROOTS = ['request', 'response', 'context', 'api'] as const
export type Root = (typeof ROOTS)[number]

export const REQUEST_MEMBERS = [
  'id', 'transactionId', 'method', 'path', 'pathInfo', 'contextPath', 'remoteAddress', 'scheme', 'host', 'timestamp', 'headers', 'params', 'pathParams',
] as const // prettier-ignore
export type RequestMember = (typeof REQUEST_MEMBERS)[number]

export const RESPONSE_MEMBERS = ['status', 'headers'] as const
export type ResponseMember = (typeof RESPONSE_MEMBERS)[number]

export function isLookup(value: unknown): value is Lookup {
  return typeof value === 'object' && value !== null && 'lookup' in value && typeof value.lookup === 'function'
}
