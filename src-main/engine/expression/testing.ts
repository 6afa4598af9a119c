import { NO_DICTIONARIES } from '../gateway/dictionaries'
import type { Exchange } from '../gateway/exchange'

/** A request with its answer, as an expression may look at it in tests. */
export function exchangeOf(changes: Partial<Exchange> = {}): Exchange {
  return {
    transactionId: 't',
    requestId: 'r',
    api: {
      id: 'a',
      name: 'Echo',
      revision: 1,
      version: null,
      properties: { k: 'v' },
      dictionaries: () => NO_DICTIONARIES,
      endpointReferences: { default: 'default:' },
    },
    request: {
      method: 'GET',
      path: '/echo/7',
      contextPath: '/echo',
      pathInfo: '/7',
      query: new URLSearchParams('q=1&q=2'),
      headers: { 'x-kind': 'Test', 'x-many': ['a', 'b'] },
      pathParams: { id: '7' },
      remoteAddress: '127.0.0.1',
      scheme: 'http',
      host: 'h',
      timestamp: 1,
    },
    response: { status: 200, headers: {} },
    attributes: new Map<string, unknown>([
      ['oauth.client_id', 'client'],
      ['roles', ['read', 'write']],
      ['user', { email: 'ada@example.com', tags: ['x'] }],
      ['gatehouse.internal', 'secret'],
    ]),
    trace: undefined,
    ...changes,
  }
}
