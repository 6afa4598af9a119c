import { compileSearch, PatternError } from '../../expression/pattern'
import { dateFormat } from './date-format'

export const CONSTRAINTS = ['NOT_NULL', 'MIN', 'MAX', 'MAIL', 'DATE', 'PATTERN', 'SIZE', 'ENUM'] as const
export type ConstraintType = (typeof CONSTRAINTS)[number]

/** Whether an input keeps to a constraint; null is an input that is not there. */
export type Check = (input: string | null) => boolean

/** What is told when an input breaks it; `%s` stands for the input and then for each parameter. */
export const MESSAGES: Readonly<Record<ConstraintType, string>> = {
  NOT_NULL: "'%s' can not be null.",
  MIN: "'%s' must be higher or equals to '%s'",
  MAX: "'%s' must be lower or equals to '%s'",
  MAIL: '%s is not a valid email.',
  DATE: "'%s' is not valid (format: '%s')",
  PATTERN: "'%s' is not valid (pattern: '%s')",
  SIZE: "'%s' length must be higher or equals to '%s' and lower or equals to '%s'",
  ENUM: "'%s' not included in ENUM",
}

const MAIL = /^[A-Z0-9._%+-]{1,64}(?:@|%40)[A-Z0-9.-]{1,255}\.[A-Z]{2,24}$/i

/** @returns a sentence when the parameters do not make the constraint */
export function prepareConstraint(type: ConstraintType, parameters: readonly string[]): Check | string {
  const [first = '', second = ''] = parameters
  switch (type) {
    case 'NOT_NULL':
      return (input) => input !== null && input.trim() !== ''
    case 'MIN':
    case 'MAX': {
      const limit = numberIn(first)
      if (limit === undefined) return `${type} wants a number, and ${first === '' ? 'has none' : `${first} is none`}`
      const sign = type === 'MIN' ? 1 : -1
      return (input) => ((numberIn(input ?? '') ?? Number.NaN) - limit) * sign >= 0
    }
    case 'MAIL':
      return (input) => input !== null && input.length <= 320 && MAIL.test(input)
    case 'DATE': {
      const fits = dateFormat(first)
      if (typeof fits === 'string') return first === '' ? 'DATE wants a format, such as yyyy-MM-dd' : `The format ${first} cannot be used: ${fits}` // prettier-ignore
      return (input) => input !== null && fits(input)
    }
    case 'PATTERN':
      return first === '' ? 'PATTERN wants a pattern' : patternCheck(first)
    case 'SIZE': {
      const [least, most] = [numberIn(first), numberIn(second)]
      if (least === undefined || most === undefined) return 'SIZE wants two numbers: the least and the most characters'
      return (input) => input !== null && input.length >= least && input.length <= most
    }
    case 'ENUM':
      return parameters.length === 0 ? 'ENUM wants the values that are allowed' : (input) => input !== null && parameters.includes(input) // prettier-ignore
  }
}

function patternCheck(pattern: string): Check | string {
  try {
    const { finds } = compileSearch(pattern)
    return (input) => input !== null && finds(input)
  } catch (error) {
    if (error instanceof PatternError) return error.message
    throw error
  }
}

/** The message with its places filled in, as Java's `String.format` does. */
export function filledIn(message: string, values: readonly string[]): string {
  let next = 0
  return message.replaceAll(/%(?:(\d{1,2})\$)?s|%%/g, (place, position: string | undefined) =>
    place === '%%' ? '%' : (values[position === undefined ? next++ : Number(position) - 1] ?? ''),
  )
}

function numberIn(text: string): number | undefined {
  return /^\s*[-+]?\d{1,30}(?:\.\d{1,30})?\s*$/.test(text) ? Number(text) : undefined
}
