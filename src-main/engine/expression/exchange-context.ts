import type { Exchange, Headers } from '../gateway/exchange'
import type { ExpressionContext, Lookup } from './context'

/** What expressions see of a request on its way. */
export function contextOf(exchange: Exchange): ExpressionContext {
  const { request, attributes, api } = exchange
  return {
    request(member) {
      switch (member) {
        case 'headers':
          return headersOf(request.headers)
        case 'params':
          return {
            lookup: (name) => (request.query.has(name) ? request.query.getAll(name) : null),
            names: () => [...new Set(request.query.keys())],
          } satisfies Lookup
        case 'pathParams':
          return {
            lookup: (name) => (Object.hasOwn(request.pathParams, name) ? [request.pathParams[name]] : null),
            names: () => Object.keys(request.pathParams),
          } satisfies Lookup
        case 'id':
        case 'transactionId':
          return exchange.transactionId
        default:
          return request[member]
      }
    },
    response(member) {
      if (exchange.response === undefined) return null
      return member === 'status' ? exchange.response.status : headersOf(exchange.response.headers)
    },
    attributes: { lookup: (name) => attributes.get(name), names: () => [...attributes.keys()] },
    properties: {
      lookup: (name) => (Object.hasOwn(api.properties, name) ? api.properties[name] : null),
      names: () => Object.keys(api.properties),
    },
    api: (member) => api[member],
  }
}

/** By name in any case, each as the list of its values. */
function headersOf(headers: Headers): Lookup {
  return {
    lookup(name) {
      const key = name.toLowerCase()
      const value = Object.hasOwn(headers, key) ? headers[key] : undefined
      return value === undefined ? null : Array.isArray(value) ? value : [value]
    },
    names: () => Object.keys(headers).filter((name) => headers[name] !== undefined),
  }
}
