import { lookupIn, type ExpressionContext, type Lookup } from '../../expression/context'
import { bodyOf } from '../body'
import type { Headers } from '../exchange'

/** What expressions see of an answer that belongs to no request of an API. */
export function responseContext(status: number, headers: Headers, content?: Buffer): ExpressionContext {
  const body = content === undefined ? undefined : bodyOf(content)
  return {
    valueOf(root, member) {
      if (root !== 'response') return null
      switch (member) {
        case 'status':
          return status
        case 'headers':
          return headersOf(headers)
        case 'jsonContent':
          return body?.json ?? null
        case 'xmlContent':
          return body?.xml ?? null
        default:
          return body?.text ?? null
      }
    },
  }
}

function headersOf(headers: Headers): Lookup {
  const values = lookupIn(headers)
  return {
    lookup: (name) => {
      const value = values.lookup(name.toLowerCase())
      return typeof value === 'string' ? [value] : value
    },
    names: values.names,
  }
}
