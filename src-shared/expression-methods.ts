/** What a method is called on. */
export type MethodTarget = 'text' | 'list' | 'map' | 'number'

export interface MethodSummary {
  /** Its values, as they are written. */
  readonly values: string
  readonly on: readonly MethodTarget[]
  readonly summary: string
}

const method = (values: string, on: string, summary: string): MethodSummary => ({
  values,
  on: on.split(' ') as MethodTarget[], // written out below, word by word
  summary,
})

/**
 * What can be called on a value, as Java names it: the parser knows these and no others, and the editor offers them.
 * A value by name is a map: headers, parameters, attributes, properties.
 */
export const expressionMethods = {
  length: method('', 'text list map', 'How long it is'),
  size: method('', 'list map text', 'How many entries it has'),
  isEmpty: method('', 'text list map', 'Whether there is nothing in it'),
  isBlank: method('', 'text', 'Whether it is empty but for spaces'),
  contains: method('part', 'text list map', 'Whether the part, entry or name is in it'),
  equals: method('other', 'text list map number', 'Whether both are the same'),
  toString: method('', 'number list map', 'It as a text'),
  startsWith: method('text', 'text', 'Whether it begins so'),
  endsWith: method('text', 'text', 'Whether it ends so'),
  toLowerCase: method('', 'text', 'In small letters'),
  toUpperCase: method('', 'text', 'In capital letters'),
  trim: method('', 'text', 'Without the spaces around it'),
  strip: method('', 'text', 'Without the spaces around it'),
  equalsIgnoreCase: method('other', 'text', 'Whether both are the same in any case'),
  compareTo: method('other', 'text', '-1, 0 or 1: before, the same, after'),
  concat: method('other', 'text', 'It with the other text behind it'),
  replace: method('part, by', 'text', 'With every part replaced, letter by letter'),
  getBytes: method('', 'text', 'Its bytes, for Base64'),
  substring: method('from, to', 'text', 'From one character up to before another; the first is 0'),
  charAt: method('at', 'text', 'One character; the first is 0'),
  repeat: method('times', 'text', 'So many times in a row'),
  indexOf: method('part', 'text list', 'Where the part begins; -1 when it is not there'),
  lastIndexOf: method('part', 'text list', 'Where the part begins last; -1 when it is not there'),
  get: method('name', 'map list', 'What stands under the name or at the place'),
  getOrDefault: method('name, otherwise', 'map', 'What stands under the name, or else the other value'),
  getFirst: method('name', 'map list', 'The first value under the name'),
  containsKey: method('name', 'map', 'Whether the name is there'),
  containsValue: method('value', 'map', 'Whether some name has the value'),
  keySet: method('', 'map', 'The names as a list'),
  names: method('', 'map', 'The names as a list'),
  values: method('', 'map', 'The values as a list'),
  toSingleValueMap: method('', 'map', 'The first value of each name'),
  intValue: method('', 'number', 'Without what stands behind the point'),
  longValue: method('', 'number', 'Without what stands behind the point'),
  doubleValue: method('', 'number', 'The number itself'),
  matches: method("'pattern'", 'text', 'Whether the whole of it fits the pattern'),
  replaceAll: method("'pattern', by", 'text', 'With everything replaced that fits the pattern'),
  replaceFirst: method("'pattern', by", 'text', 'With the first replaced that fits the pattern'),
  split: method("'pattern'", 'text', 'Cut at what fits the pattern, as a list'),
} as const satisfies Record<string, MethodSummary>

export type MethodName = keyof typeof expressionMethods

/** The types that `T( )` reaches, with what each has. */
export const expressionTypes = {
  'java.lang.Math': 'abs, ceil, floor, round, sqrt, signum, max, min, pow, floorMod, random, PI, E',
  'java.lang.String': 'valueOf, join',
  'java.lang.Integer': 'parseInt, valueOf, MAX_VALUE, MIN_VALUE',
  'java.lang.Long': 'parseLong, valueOf',
  'java.lang.Double': 'parseDouble, valueOf',
  'java.lang.Float': 'parseFloat, valueOf',
  'java.lang.Boolean': 'parseBoolean, valueOf',
  'java.lang.System': 'currentTimeMillis',
  'java.util.UUID': 'randomUUID',
  'java.util.Base64': 'getEncoder, getUrlEncoder, getDecoder, getUrlDecoder',
  'java.net.URLEncoder': 'encode',
  'java.net.URLDecoder': 'decode',
} as const satisfies Record<string, string>

export type TypeName = keyof typeof expressionTypes

/** What policies and plans leave among `#context.attributes`. */
export const attributeSummaries: Readonly<Record<string, string>> = {
  plan: 'Id of the plan of the call',
  application: 'Id of the application that called',
  'subscription-id': 'Id of the subscription of the call',
  'user-id': 'The subscription, or the address of the caller in a keyless plan',
  user: 'The user of the token, as the OAuth2 or JWT policy read it',
  roles: 'Scopes of the token, from the OAuth2 policy',
  'oauth.client_id': 'Client id of the token',
  'oauth.access_token': 'The token, from the OAuth2 policy',
  'oauth.payload': 'The whole introspection answer as JSON, where the OAuth2 policy keeps it',
  jwt: 'Claims of the token in a plan for tokens',
  'jwt.token': 'The token, from the JWT policy',
  'jwt.claims': 'Claims by name, where the JWT policy keeps them',
  'api-key': 'The API key, from the API key policy',
  'quota.count': 'Calls that counted, from the quota policy',
  'quota.limit': 'Calls that may count, from the quota policy',
  'quota.remaining': 'Calls that are left, from the quota policy',
  'quota.reset.time': 'When counting begins anew, in milliseconds since 1970',
}
