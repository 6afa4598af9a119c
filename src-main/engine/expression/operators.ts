import { isLookup } from './context'
import { textOf } from './methods'

/** Only true is true: a missing value or a text never lets a condition hold by accident. */
export const isTrue = (value: unknown): boolean => value === true

/** A member by name or index. Reaches own members of plain values only: nothing of prototypes, nothing that runs. */
export function member(target: unknown, key: unknown): unknown {
  if (isLookup(target)) return target.lookup(textOf(key)) ?? null
  if (Array.isArray(target)) {
    return typeof key === 'number' && Number.isInteger(key) ? ((target as readonly unknown[])[key] ?? null) : null
  }
  if (typeof target !== 'object' || target === null || typeof key !== 'string') return null
  return Object.hasOwn(target, key) ? ((target as Readonly<Record<string, unknown>>)[key] ?? null) : null
}

/** Equal are values of the same kind; greater and less are asked of numbers, of texts, and of a number and a text that is one. */
export function compare(symbol: string, left: unknown, right: unknown): boolean {
  const [a, b] = [left ?? null, right ?? null]
  if (symbol === '==') return a === b
  if (symbol === '!=') return a !== b
  if (typeof a === 'string' && typeof b === 'string') return ordered(symbol, a, b)
  const [x, y] = [numberOf(a), numberOf(b)]
  return x !== undefined && y !== undefined && ordered(symbol, x, y)
}

function ordered<T extends string | number>(symbol: string, a: T, b: T): boolean {
  if (symbol === '<') return a < b
  if (symbol === '<=') return a <= b
  return symbol === '>' ? a > b : a >= b
}

export function add(left: unknown, right: unknown): unknown {
  return typeof left === 'number' && typeof right === 'number' ? left + right : textOf(left) + textOf(right)
}

/** Null when one of the two is no number. */
export function subtract(left: unknown, right: unknown): unknown {
  const [a, b] = [numberOf(left), numberOf(right)]
  return a === undefined || b === undefined ? null : a - b
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined
}
