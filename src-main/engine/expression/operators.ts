import { isLookup } from './context'
import { checkLength } from './evaluation-error'
import { textOf } from './text-of'

/** Only true is true: a missing value or a text never lets a condition hold by accident. */
export const isTrue = (value: unknown): boolean => value === true

/** A member by name or index. Reaches own members of plain values only: nothing of prototypes, nothing that runs. */
export function member(target: unknown, key: unknown): unknown {
  if (isLookup(target)) return target.lookup(textOf(key)) ?? null
  if (Array.isArray(target) || typeof target === 'string') {
    return typeof key === 'number' && Number.isInteger(key) && key >= 0
      ? ((target as readonly unknown[] | string)[key] ?? null)
      : null
  }
  if (typeof target !== 'object' || target === null) return null
  const name = textOf(key)
  return Object.hasOwn(target, name) ? ((target as Readonly<Record<string, unknown>>)[name] ?? null) : null
}

/** Equal are values of the same kind; greater and less are asked of numbers, of texts, and of a number and a text that is one. */
export function compare(symbol: string, left: unknown, right: unknown): boolean {
  const [a, b] = [left ?? null, right ?? null]
  if (symbol === '==') return isEqual(a, b)
  if (symbol === '!=') return !isEqual(a, b)
  if (typeof a === 'string' && typeof b === 'string') return ordered(symbol, a, b)
  const [x, y] = [numberOf(a), numberOf(b)]
  return x !== undefined && y !== undefined && ordered(symbol, x, y)
}

/** Lists are equal when their entries are. */
export function isEqual(left: unknown, right: unknown): boolean {
  const [a, b] = [left ?? null, right ?? null]
  if (a === b) return true
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  return a.every((each, index) => isEqual(each, b[index]))
}

/** Whether a value lies between the two entries of a list, both included. */
export function isBetween(value: unknown, bounds: unknown): boolean {
  if (!Array.isArray(bounds) || bounds.length !== 2) return false
  return compare('>=', value, bounds[0]) && compare('<=', value, bounds[1])
}

function ordered<T extends string | number>(symbol: string, a: T, b: T): boolean {
  if (symbol === '<') return a < b
  if (symbol === '<=') return a <= b
  return symbol === '>' ? a > b : a >= b
}

/** Adds numbers; anything else is put together as texts. */
export function add(left: unknown, right: unknown): unknown {
  if (typeof left === 'number' && typeof right === 'number') return left + right
  const [a, b] = [textOf(left), textOf(right)]
  checkLength(a.length + b.length)
  return a + b
}

/** Null when one of the two is no number, and for what is divided by nothing. Whole numbers divide into a whole number, as in Java. */
export function calculate(symbol: string, left: unknown, right: unknown): number | null {
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a === undefined || b === undefined) return null
  const result = applied(symbol, a, b)
  return Number.isFinite(result) ? result : null
}

function applied(symbol: string, a: number, b: number): number {
  switch (symbol) {
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b
    case '%':
      return a % b
    default:
      return a ** b
  }
}

/** A number, or a text that is one. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length < 40 && /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(value)
    ? Number(value)
    : undefined
}
