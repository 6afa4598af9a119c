/**
 * What expressions in configurations can start from: each root with its members and what they are. The parser reads it, and
 * the editor offers it. A root without members is a list of values by name, e.g. `#endpoints['default']`.
 * Source: Gravitee's expression language, whose names these are; `date` is ours.
 */
export const expressionRoots = {
  request: {
    id: 'Id of this request',
    transactionId: 'Id that the client gave, else that of the request',
    method: 'GET, POST …',
    scheme: 'http or https',
    host: 'Host that the client called',
    uri: 'Path and query',
    path: 'Path with the context path',
    paths: 'Parts of the path as a list; the first is empty',
    pathInfo: 'What follows the context path',
    pathInfos: 'Parts of what follows the context path',
    contextPath: "The API's path",
    pathParams: "Parameters of the flow's path, each a list",
    params: 'Query parameters, each a list',
    headers: 'Headers by name in any case, each a list',
    content: 'Body as text; it is collected for this',
    jsonContent: 'Body as JSON; it is collected for this',
    xmlContent: 'Body as XML; it is collected for this',
    remoteAddress: 'Address of the client',
    timestamp: 'Arrival, in milliseconds since 1970',
  },
  response: {
    status: "Status of the backend's answer",
    headers: 'Headers by name in any case, each a list',
    content: 'Body as text; it is collected for this',
    jsonContent: 'Body as JSON; it is collected for this',
    xmlContent: 'Body as XML; it is collected for this',
  },
  context: { attributes: 'What policies have left for those after them' },
  api: {
    id: 'Id of the API',
    name: 'Name of the API',
    version: 'Version of the API, as its definition says',
    revision: 'Number of the deployed revision',
    properties: 'Properties of the API, by key',
  },
  properties: undefined,
  dictionaries: undefined,
  endpoints: undefined,
  subscription: { id: 'Id of the subscription', applicationId: 'Id of its application', type: 'Kind of the subscription', metadata: 'What was noted with it' },
  plan: { id: 'Id of the plan', name: 'Name of the plan' },
  node: { id: 'Name of the machine that this gateway runs on' },
  date: {
    now: 'The moment, as 2026-11-24T09:30:00.000Z',
    timestamp: 'The moment, in milliseconds since 1970',
    date: 'The day, as 2026-11-24',
    time: 'The time, as 09:30:00; all times are UTC',
    year: 'As a number',
    month: '1 to 12',
    day: '1 to 31',
    hour: '0 to 23',
    minute: '0 to 59',
    second: '0 to 59',
    dayOfWeek: 'MONDAY to SUNDAY',
  },
  error: { key: 'Failure key', message: 'What the caller is told', status: 'Status of the answer' },
  parameters: undefined,
} as const satisfies Record<string, Readonly<Record<string, string>> | undefined> // prettier-ignore

export type Root = keyof typeof expressionRoots

/** What each root without members holds, and what all of them are for. */
export const rootSummaries: Readonly<Record<Root, string>> = {
  request: 'The request',
  response: "The backend's answer",
  context: 'What policies have left',
  api: 'The API',
  properties: 'Properties of the API, by key',
  dictionaries: 'Dictionaries of the workspace, by key; each holds values by key',
  endpoints: 'What leads to an endpoint or a group of them, by name',
  subscription: 'The subscription of the call',
  plan: 'The plan of the call',
  node: 'This gateway',
  date: 'The moment',
  error: 'The failure that is answered',
  parameters: 'What the failure tells, by name',
}

/** What can be called by itself: `#jsonPath(#request.content, '$.id')`. */
export const expressionFunctions = {
  jsonPath: "#jsonPath(text or value, '$.path')",
  jsonEscape: '#jsonEscape(text), for a place between quotes',
  xmlEscape: '#xmlEscape(text)',
} as const satisfies Record<string, string>

export type ExpressionFunction = keyof typeof expressionFunctions

/** Those of a request on its way through an API. */
export const REQUEST_ROOTS: readonly Root[] = ['request', 'response', 'context', 'api', 'properties', 'dictionaries', 'endpoints', 'subscription', 'plan', 'node', 'date'] // prettier-ignore

/** Those of a response template. */
export const TEMPLATE_ROOTS: readonly Root[] = [...REQUEST_ROOTS, 'error', 'parameters']
