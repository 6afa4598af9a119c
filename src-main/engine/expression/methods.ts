import { expressionMethods, type MethodName } from '@shared/expression-methods'
import { isLookup } from './context'
import { checkEntries, checkLength } from './evaluation-error'
import { isEqual, numberOf } from './operators'
import { joined, textOf } from './text-of'

export interface Method {
  /** How many values it takes. */
  readonly takes: readonly [least: number, most: number]
  readonly call: (target: unknown, args: readonly unknown[]) => unknown
}

const takesOf = (takes: number | Method['takes']): Method['takes'] =>
  typeof takes === 'number' ? [takes, takes] : takes

const onText = (takes: number | Method['takes'], call: (text: string, ...args: string[]) => unknown): Method => ({
  takes: takesOf(takes),
  call: (target, args) => (typeof target === 'string' ? call(target, ...args.map(textOf)) : null),
})

/** With numbers after the text; null when one of them is none. */
const atPlaces = (takes: Method['takes'], call: (text: string, ...places: number[]) => unknown): Method => ({
  takes,
  call(target, args) {
    const places = args.map(numberOf)
    if (typeof target !== 'string' || places.some((place) => place === undefined)) return null
    return call(target, ...(places as number[])) // none is undefined, as just asked
  },
})

const asText: Method = {
  takes: [0, 0],
  call: (target) => (target === null || target === undefined ? null : textOf(target)),
}

/** Methods whose pattern is prepared when the expression is parsed, by how many values they take. */
export const PATTERN_METHODS = { matches: 1, split: 1, replaceAll: 2, replaceFirst: 2 } as const
type PatternMethod = keyof typeof PATTERN_METHODS

/**
 * What may be called on a value, as Java names it. What does not fit the value gives null. `matches` and its like are not here: their
 * patterns are prepared when the expression is parsed.
 */
const METHODS: Readonly<Record<Exclude<MethodName, PatternMethod>, Method>> = {
  length: { takes: [0, 0], call: sizeOf },
  size: { takes: [0, 0], call: sizeOf },
  isEmpty: { takes: [0, 0], call: (target) => (sizeOf(target) ?? 0) === 0 },
  isBlank: onText(0, (text) => text.trim() === ''),
  contains: { takes: [1, 1], call: (target, [part]) => contains(target, part) },
  equals: { takes: [1, 1], call: (target, [other]) => isEqual(target, other) },
  toString: asText,

  startsWith: onText([1, 2], (text, part, from) => text.startsWith(part!, numberOf(from) ?? 0)),
  endsWith: onText(1, (text, part) => text.endsWith(part!)),
  toLowerCase: onText(0, (text) => text.toLowerCase()),
  toUpperCase: onText(0, (text) => text.toUpperCase()),
  trim: onText(0, (text) => text.trim()),
  strip: onText(0, (text) => text.trim()),
  equalsIgnoreCase: onText(1, (text, other) => text.toLowerCase() === other!.toLowerCase()),
  compareTo: onText(1, (text, other) => (text < other! ? -1 : text > other! ? 1 : 0)),
  concat: onText(1, (text, other) => joined([text, other!])),
  replace: onText(2, (text, part, by) => replaced(text, part!, by!)),
  /** The text stands for its UTF-8 bytes: see Base64 among the types. */
  getBytes: onText([0, 1], (text) => text),
  substring: atPlaces([1, 2], (text, from, to) => text.slice(Math.max(from!, 0), to === undefined ? undefined : Math.max(to, 0))), // prettier-ignore
  charAt: atPlaces([1, 1], (text, at) => text[at!] ?? null),
  repeat: atPlaces([1, 1], (text, times) => repeated(text, times!)),
  indexOf: { takes: [1, 2], call: (target, [part, from]) => indexIn(target, part, from) },
  lastIndexOf: {
    takes: [1, 1],
    call: (target, [part]) =>
      typeof target === 'string' ? target.lastIndexOf(textOf(part)) : Array.isArray(target) ? target.lastIndexOf(part) : null, // prettier-ignore
  },

  get: { takes: [1, 1], call: (target, [key]) => entry(target, key) },
  getOrDefault: { takes: [2, 2], call: (target, [key, otherwise]) => entry(target, key) ?? otherwise },
  getFirst: {
    takes: [0, 1],
    call: (target, args) => first(args.length === 0 ? target : entry(target, args[0])),
  },
  containsKey: { takes: [1, 1], call: (target, [name]) => (isMap(target) ? entry(target, name) !== null : null) },
  containsValue: {
    takes: [1, 1],
    call: (target, [value]) => (isMap(target) ? valuesOf(target).some((each) => isEqual(each, value)) : null),
  },
  keySet: { takes: [0, 0], call: (target) => (isMap(target) ? namesOf(target) : null) },
  names: { takes: [0, 0], call: (target) => (isMap(target) ? namesOf(target) : null) },
  values: { takes: [0, 0], call: (target) => (isMap(target) ? valuesOf(target) : null) },
  toSingleValueMap: {
    takes: [0, 0],
    call: (target) =>
      isMap(target) ? Object.fromEntries(namesOf(target).map((name) => [name, first(entry(target, name))])) : null,
  },

  intValue: { takes: [0, 0], call: (target) => truncated(target) },
  longValue: { takes: [0, 0], call: (target) => truncated(target) },
  doubleValue: { takes: [0, 0], call: (target) => (typeof target === 'number' ? target : null) },
}

export const METHOD_NAMES: readonly string[] = Object.keys(expressionMethods)

export function methodNamed(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name as keyof typeof METHODS] : undefined // it has it, as just asked
}

function sizeOf(target: unknown): number | null {
  if (typeof target === 'string' || Array.isArray(target)) return target.length
  return isMap(target) ? namesOf(target).length : null
}

function contains(target: unknown, part: unknown): boolean | null {
  if (Array.isArray(target)) return target.some((each) => isEqual(each, part))
  if (typeof target === 'string') return target.includes(textOf(part))
  return isLookup(target) ? entry(target, part) !== null : null
}

function indexIn(target: unknown, part: unknown, from: unknown): number | null {
  if (typeof target === 'string') return target.indexOf(textOf(part), numberOf(from) ?? 0)
  return Array.isArray(target) ? target.findIndex((each) => isEqual(each, part)) : null
}

function entry(target: unknown, key: unknown): unknown {
  if (isLookup(target)) return target.lookup(textOf(key)) ?? null
  if (Array.isArray(target)) return target[numberOf(key) ?? -1] ?? null
  const name = textOf(key)
  return isMap(target) && Object.hasOwn(target, name)
    ? ((target as Readonly<Record<string, unknown>>)[name] ?? null)
    : null
}

const first = (value: unknown): unknown => (Array.isArray(value) ? (value[0] ?? null) : value)

const isMap = (target: unknown): target is object =>
  typeof target === 'object' && target !== null && !Array.isArray(target)

const namesOf = (target: object): string[] => (isLookup(target) ? [...target.names()] : Object.keys(target))

function valuesOf(target: object): unknown[] {
  const names = namesOf(target)
  checkEntries(names.length)
  return names.map((name) => entry(target, name))
}

const truncated = (target: unknown): number | null => (typeof target === 'number' ? Math.trunc(target) : null)

/** Every part, as Java does. The length is known before anything is made. */
function replaced(text: string, part: string, by: string): string {
  let count = 0
  if (part === '') count = text.length + 1
  else for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++
  checkLength(text.length + count * (by.length - part.length))
  return text.replaceAll(part, () => by)
}

function repeated(text: string, times: number): string | null {
  if (times < 0 || !Number.isInteger(times)) return null
  checkLength(text.length * times)
  return text.repeat(times)
}
