import { randomUUID } from 'node:crypto'
import { expressionTypes, type TypeName } from '@shared/expression-methods'
import type { Method } from './methods'
import { numberOf } from './operators'
import { textOf } from './text-of'

/** What of a Java type may be reached with `T( )`: its values, and what may be called on it. */
export interface Type {
  readonly values?: Readonly<Record<string, unknown>>
  readonly methods: Readonly<Record<string, Method>>
}

const ofNumbers = (count: number, call: (...numbers: number[]) => number): Method => ({
  takes: [count, count],
  call(_target, args) {
    const numbers = args.map(numberOf)
    if (numbers.some((number) => number === undefined)) return null
    const result = call(...(numbers as number[])) // none is undefined, as just asked
    return Number.isFinite(result) ? result : null
  },
})

const ofText = (least: number, most: number, call: (text: string) => unknown): Method => ({
  takes: [least, most],
  call: (_target, [text]) => (text === null || text === undefined ? null : call(textOf(text))),
})

const whole = ofText(1, 1, (text) => (/^[-+]?\d{1,15}$/.test(text) ? Number(text) : null))
const decimal = ofText(1, 1, (text) => numberOf(text) ?? null)
/** 32 bits, as Java's. */
const integer: Type = {
  values: { MAX_VALUE: 2_147_483_647, MIN_VALUE: -2_147_483_648 },
  methods: { parseInt: whole, valueOf: whole },
}
const long: Type = { methods: { parseLong: whole, valueOf: whole } }
const double: Type = { methods: { parseDouble: decimal, valueOf: decimal } }
const float: Type = { methods: { parseFloat: decimal, valueOf: decimal } }
const boolean: Type = { methods: { parseBoolean: ofText(1, 1, isTrueText), valueOf: ofText(1, 1, isTrueText) } }

const math: Type = {
  values: { PI: Math.PI, E: Math.E },
  methods: {
    abs: ofNumbers(1, Math.abs),
    ceil: ofNumbers(1, Math.ceil),
    floor: ofNumbers(1, Math.floor),
    round: ofNumbers(1, Math.round),
    sqrt: ofNumbers(1, Math.sqrt),
    signum: ofNumbers(1, Math.sign),
    max: ofNumbers(2, Math.max),
    min: ofNumbers(2, Math.min),
    pow: ofNumbers(2, Math.pow),
    floorMod: ofNumbers(2, (a, b) => ((a % b) + b) % b),
    random: { takes: [0, 0], call: () => Math.random() },
  },
}

const written: Method = {
  takes: [1, 1],
  call: (_target, [value]) => (value === null || value === undefined ? 'null' : textOf(value)),
}

const string: Type = {
  methods: {
    valueOf: written,
    join: {
      takes: [2, 2],
      call: (_target, [separator, list]) =>
        Array.isArray(list) ? list.map(textOf).join(textOf(separator)) : textOf(list),
    },
  },
}

/** What `getEncoder()` and `getDecoder()` give: one method of it can be called, and nothing of it can be read. */
const CODER = Symbol('coder')
interface Coder {
  readonly [CODER]: { readonly method: string; readonly run: (text: string) => string }
}
const coder = (method: string, run: (text: string) => string): Method => ({
  takes: [0, 0],
  call: (): Coder => ({ [CODER]: { method, run } }),
})
const isCoder = (target: unknown): target is Coder => typeof target === 'object' && target !== null && CODER in target

const padded = (text: string) => text.padEnd(Math.ceil(text.length / 4) * 4, '=')
const base64: Type = {
  methods: {
    getEncoder: coder('encodeToString', (text) => Buffer.from(text).toString('base64')),
    getUrlEncoder: coder('encodeToString', (text) => padded(Buffer.from(text).toString('base64url'))),
    getDecoder: coder('decode', (text) => Buffer.from(text, 'base64').toString()),
    getUrlDecoder: coder('decode', (text) => Buffer.from(text, 'base64url').toString()),
  },
}

const onCoder = (name: string): Method => ({
  takes: [1, 1],
  call(target, [text]) {
    if (!isCoder(target) || target[CODER].method !== name || text === null || text === undefined) return null
    return target[CODER].run(textOf(text))
  },
})

/** Methods of what `getEncoder()` and `getDecoder()` give. */
export const coderMethods: Readonly<Record<string, Method>> = {
  encodeToString: onCoder('encodeToString'),
  decode: onCoder('decode'),
}

function isTrueText(text: string): boolean {
  return text.toLowerCase() === 'true'
}

function urlDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

/** Fixed and small: nothing else of Java is there, so that nothing else can be reached. */
const TYPES: Readonly<Record<TypeName, Type>> = {
  'java.lang.Math': math,
  'java.lang.String': string,
  'java.lang.Integer': integer,
  'java.lang.Long': long,
  'java.lang.Double': double,
  'java.lang.Float': float,
  'java.lang.Boolean': boolean,
  'java.lang.System': { methods: { currentTimeMillis: { takes: [0, 0], call: () => Date.now() } } },
  'java.util.UUID': { methods: { randomUUID: { takes: [0, 0], call: () => randomUUID() } } },
  'java.util.Base64': base64,
  'java.net.URLEncoder': { methods: { encode: ofText(1, 2, (text) => encodeURIComponent(Buffer.from(text).toString()).replaceAll('%20', '+')) } },
  'java.net.URLDecoder': { methods: { decode: ofText(1, 2, urlDecoded) } },
} // prettier-ignore

export const TYPE_NAMES: readonly string[] = Object.keys(expressionTypes)

/** By its whole name, or for those of java.lang by the last part: `T(Math)`. */
export function typeNamed(name: string): Type | undefined {
  const known = name.includes('.') ? name : `java.lang.${name}`
  return Object.hasOwn(TYPES, known) ? TYPES[known as TypeName] : undefined // it has it, as just asked
}
