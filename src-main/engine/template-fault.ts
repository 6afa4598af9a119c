import type { Root } from '@shared/expressions'
import { ExpressionError } from './expression/expression-error'
import { parseTemplate } from './expression/template'

/** What of a configured text with expressions cannot be understood; undefined when all of it can. */
export interface TemplateFault {
  readonly reason: string
  /** Offset of the character, from 0. */
  readonly at: number
}

/** What expressions in the claims of an application may start from: there is no request of an API to look at. */
export const CLAIM_ROOTS: readonly Root[] = ['context']

/** Judges a text as it is typed, by the parser that will read it. */
export function templateFault(text: string, roots?: readonly Root[]): TemplateFault | undefined {
  try {
    parseTemplate(text, roots)
    return undefined
  } catch (error) {
    if (error instanceof ExpressionError) return { reason: error.reason, at: error.at }
    throw error
  }
}
