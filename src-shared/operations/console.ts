import { Type } from 'typebox'
import { ConsoleExchange, ConsoleRequest, ConsoleToken, SavedRequest } from '../console'
import { ScopeKey } from '../domain'
import { Empty, id, input, ofApiKey, type OperationList } from './parts'

/** The request console. */
export const consoleOperations = {
  'console.send': {
    summary: 'Make a call and see the way it took',
    input: input({
      request: ConsoleRequest,
      apiKey: Type.Optional(
        Type.Object(ofApiKey, { description: 'A key of a subscription to send along; to this gateway alone' }),
      ),
    }),
    output: ConsoleExchange,
  },
  'console.getToken': {
    summary: 'Get a token for an application by client credentials, over HTTP',
    input: input({ domainId: id('domain'), applicationId: id('application'), scopes: Type.Array(ScopeKey) }),
    output: ConsoleToken,
  },
  'console.list': { summary: 'The saved requests', input: Empty, output: Type.Array(SavedRequest) },
  'console.save': { summary: 'Save a request', input: input({ request: SavedRequest }), output: SavedRequest },
  'console.delete': {
    summary: 'Delete a saved request',
    input: input({ requestId: id('saved request') }),
    output: Empty,
  },
} as const satisfies OperationList
