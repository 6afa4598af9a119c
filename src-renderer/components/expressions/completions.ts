import type { ExpressionKind } from '@shared/expression-trial'
import { attributeSummaries, expressionMethods, expressionTypes, type MethodTarget } from '@shared/expression-methods'
import { expressionFunctions, expressionRoots, REQUEST_ROOTS, rootSummaries, TEMPLATE_ROOTS, type Root } from '@shared/expressions' // prettier-ignore
import { expressionsIn } from './expressions-in'

/** What the API has of its own, by which values are looked up. */
export interface KnownNames {
  readonly properties: readonly string[]
  readonly endpoints: readonly string[]
  readonly pathParams: readonly string[]
  /** Of the workspace: the keys of each by its own key. */
  readonly dictionaries: Readonly<Record<string, readonly string[]>>
}

export interface Completion {
  readonly label: string
  /** What is written in its place; the label unless given. */
  readonly insert?: string
  /** Characters before the end of what is written where the caret comes to stand. */
  readonly back?: number
  /** What stands small behind it: values, or what it is called on. */
  readonly detail?: string
  /** One line on what it is. */
  readonly info: string
  /** Rises before others of the same letters. */
  readonly likely?: boolean
}

export interface Completions {
  /** What is replaced. */
  readonly from: number
  readonly to: number
  /** Typing on leaves the list as it is, as long as what stands from `from` to the caret fits. */
  readonly stays: RegExp
  readonly options: readonly Completion[]
}

/** Names of headers that conditions often look at. */
const headerNames: Readonly<Record<string, string>> = {
  accept: 'What the client wants to have',
  'accept-language': 'Languages that the client prefers',
  authorization: 'The credential of the call',
  'content-length': 'Size of the body in bytes',
  'content-type': 'What the body is',
  cookie: 'Cookies of the client',
  etag: 'Version of what was answered',
  host: 'Host that the client called',
  location: 'Where to go instead',
  origin: 'Origin of the page that called',
  'user-agent': 'What the client is',
  'x-api-key': 'API key',
  'x-forwarded-for': 'Addresses that the request came by',
  'x-request-id': 'Id that the client gave',
}

const NAME = /^\w*$/
const DOTTED = /^[\w.]*$/
const KEY = /^[^'"]*$/
const NOTHING = /^$/
const CHAIN = /#([A-Za-z]+(?:\??\.[A-Za-z]+)*)((?:\[(?:'[^']*'|"[^"]*"|\d+)\])*)$/

/**
 * What may be written at a place of a text: roots, members, methods, names that the API has. Undefined where nothing is known.
 *
 * @param asked whether a person asked for it, rather than typed on
 */
export function completionsAt(
  text: string,
  at: number,
  kind: ExpressionKind,
  names: KnownNames,
  asked = false,
): Completions | undefined {
  const place = expressionsIn(text).find(
    ({ place: { from, to }, closed }) => from < at && (closed ? at < to : at <= to),
  )?.place
  if (place === undefined) return asked ? wholeExpressions(text, at, kind) : undefined
  const before = text.slice(place.from + 1, at)
  const quote = openQuote(before)
  if (quote !== undefined) return keysInQuotes(text, at, before, quote, names)
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? ''
  const stem = before.slice(0, before.length - word.length)
  const from = at - word.length
  if (stem.endsWith('#')) return { from, to: at, stays: NAME, options: startsOf(kind) }
  const type = /\bT\(\s*([\w.]*)$/.exec(before)
  if (type) return { from: at - type[1]!.length, to: at + (text[at] === ')' ? 1 : 0), stays: DOTTED, options: types }
  if (stem.endsWith('.')) return afterDot(stem.slice(0, -1).replace(/\?$/, ''), from, at, kind)
  if (stem.endsWith('[') && word === '') return keys(text, at, at, stem.slice(0, -1), "'", names, "'")
  if (!asked || /[\w\])'"]\s*$/.test(stem)) return undefined
  return { from, to: at, stays: /^#?\w*$/, options: startsOf(kind).map((each) => ({ ...each, label: `#${each.label}`, insert: `#${each.insert ?? each.label}` })) } // prettier-ignore
}

const rootsOf = (kind: ExpressionKind): readonly Root[] => (kind === 'response-template' ? TEMPLATE_ROOTS : REQUEST_ROOTS) // prettier-ignore

function startsOf(kind: ExpressionKind): Completion[] {
  const roots = rootsOf(kind).map((root): Completion => ({ label: root, info: rootSummaries[root], likely: true }))
  const functions = Object.entries(expressionFunctions).map(([name, usage]): Completion => ({
    label: name,
    insert: `${name}()`,
    back: 1,
    detail: '( )',
    info: usage,
  }))
  return [...roots, ...functions]
}

/** Outside of any expression: one to begin with, its braces around it. */
function wholeExpressions(text: string, at: number, kind: ExpressionKind): Completions {
  const opened = text[at - 1] === '{'
  return {
    stays: /^\{?#?\w*$/,
    from: opened ? at - 1 : at,
    to: opened && text[at] === '}' ? at + 1 : at,
    options: startsOf(kind).map(({ insert, back = 0, ...each }) => ({
      ...each,
      label: `{#${each.label}`,
      insert: `{#${insert ?? each.label}}`,
      back: back + 1,
    })),
  }
}

const types: readonly Completion[] = Object.entries(expressionTypes).map(([name, members]) => ({
  label: name,
  insert: `${name})`,
  info: members,
}))

/** Members of a root, what a type has, or else methods. */
function afterDot(target: string, from: number, to: number, kind: ExpressionKind): Completions | undefined {
  const ofType = /\bT\(\s*([\w.]+)\s*\)$/.exec(target)?.[1]
  if (ofType !== undefined) {
    const members = Object.entries(expressionTypes).find(([name]) => name === ofType || name === `java.lang.${ofType}`)?.[1] // prettier-ignore
    if (members === undefined) return undefined
    const options = members.split(', ').map((name): Completion => /^[A-Z]/.test(name) ? { label: name, info: ofType } : { label: name, insert: `${name}()`, back: 1, detail: '( )', info: ofType }) // prettier-ignore
    return { from, to, stays: NAME, options }
  }
  const root = /#([A-Za-z]+)$/.exec(target)?.[1]
  const known = rootsOf(kind).find((each) => each === root)
  const members = known && expressionRoots[known]
  if (members)
    return { from, to, stays: NAME, options: Object.entries(members).map(([label, info]) => ({ label, info })) }
  // A number may go on behind its point, and nothing can be called on a brace that begins a list.
  if (!/[A-Za-z_\])'"}]\d*$/.test(target)) return undefined
  return { from, to, stays: NAME, options: methodsFor(targetOf(target)) }
}

function methodsFor(target: MethodTarget | undefined): Completion[] {
  return Object.entries(expressionMethods).map(([name, { values, on, summary }]) => ({
    label: name,
    insert: `${name}()`,
    back: values === '' ? 0 : 1,
    detail: `(${values})`,
    info: summary,
    likely: target !== undefined && on.includes(target),
  }))
}

/** What a value is, as far as the way to it tells. */
function targetOf(target: string): MethodTarget | undefined {
  if (/['"]$/.test(target)) return 'text'
  const chain = CHAIN.exec(target)
  if (!chain) return undefined
  const path = chain[1]!.replaceAll('?.', '.')
  const steps = chain[2]!.match(/\[/g)?.length ?? 0
  if (/\.(headers|params|pathParams)$/.test(path)) return (['map', 'list', 'text'] as const)[steps]
  if (/\.(paths|pathInfos)$/.test(path)) return (['list', 'text'] as const)[steps]
  if (/(^|\.)(properties|metadata|attributes|parameters)$/.test(path)) return (['map', 'text'] as const)[steps]
  if (path === 'dictionaries') return (['map', 'map', 'text'] as const)[steps]
  if (/\.(timestamp|status|year|month|day|hour|minute|second|revision)$/.test(path)) return 'number'
  return steps === 0 ? 'text' : undefined
}

/** The quote that is open at the end of what stands before, and where. */
function openQuote(before: string): { readonly mark: string; readonly at: number } | undefined {
  let open: { mark: string; at: number } | undefined
  for (let at = 0; at < before.length; at++) {
    const char = before[at]!
    if (open === undefined && (char === "'" || char === '"')) open = { mark: char, at }
    else if (open?.mark === char) open = undefined
  }
  return open
}

/** Within `['…`, where names are known for what stands before. */
function keysInQuotes(
  text: string,
  at: number,
  before: string,
  quote: { readonly mark: string; readonly at: number },
  names: KnownNames,
): Completions | undefined {
  const target = /^(.*)\[\s*$/s.exec(before.slice(0, quote.at))?.[1]
  if (target === undefined) return undefined
  const rest = new RegExp(`^[^'"\\s{}\\[\\]]*${quote.mark}?`).exec(text.slice(at))?.[0].length ?? 0
  return keys(text, at - (before.length - quote.at - 1), at + rest, target, quote.mark, names, '')
}

function keys(
  text: string,
  from: number,
  to: number,
  target: string,
  mark: string,
  names: KnownNames,
  opening: string,
): Completions | undefined {
  const known = knownKeys(target, names)
  if (known.length === 0) return undefined
  const options = known.map(([label, info]) => ({ label, insert: `${opening}${label}${mark}]`, info }))
  return { from, to: text[to] === ']' ? to + 1 : to, stays: opening === '' ? KEY : NOTHING, options }
}

export const NO_NAMES: KnownNames = { properties: [], endpoints: [], pathParams: [], dictionaries: {} }

function knownKeys(
  target: string,
  { properties, endpoints, pathParams, dictionaries }: KnownNames,
): (readonly [string, string])[] {
  const chain = CHAIN.exec(target)
  if (!chain) return []
  const each = (list: readonly string[], info: string) => list.map((name) => [name, info] as const)
  const inside = /^\[(?:'([^']*)'|"([^"]*)")\]$/.exec(chain[2]!)
  const dictionary = inside?.[1] ?? inside?.[2]
  if (chain[1] === 'dictionaries' && dictionary !== undefined)
    return each(dictionaries[dictionary] ?? [], `Value of the dictionary ${dictionary}`)
  if (chain[2] !== '') return []
  switch (chain[1]!.replaceAll('?.', '.')) {
    case 'request.headers':
    case 'response.headers':
      return Object.entries(headerNames)
    case 'request.pathParams':
      return each(pathParams, 'Parameter of a flow’s path')
    case 'context.attributes':
      return Object.entries(attributeSummaries)
    case 'properties':
    case 'api.properties':
      return each(properties, 'Property of this API')
    case 'dictionaries':
      return each(Object.keys(dictionaries), 'Dictionary of the workspace')
    case 'endpoints':
      return each(endpoints, 'Endpoint or group of this API')
    default:
      return []
  }
}
