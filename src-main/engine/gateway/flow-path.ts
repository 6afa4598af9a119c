import type { HttpSelector } from '@shared/api-definition'
import type { Static } from 'typebox'

/** A flow's path, prepared. */
export interface FlowPath {
  /** The parameters it found, or undefined when it does not match. */
  match(segments: readonly string[]): Readonly<Record<string, string>> | undefined
  /** How well each part of it fits a path that it matches; what best-match compares, from left to right. */
  scores(matched: string): readonly number[]
}

const NO_PARAMETERS: Readonly<Record<string, string>> = Object.freeze({})

/**
 * EQUALS wants the whole path, START_WITH a beginning of its text: `/private` then covers `/private-notes` too, as in
 * Gravitee. A slash at the end counts in neither.
 */
export function compileFlowPath({
  path,
  pathOperator,
}: Pick<Static<typeof HttpSelector>, 'path' | 'pathOperator'>): FlowPath {
  const parts = path.split('/').map(partOf)
  const wanted = parts.filter(({ text }) => text !== '')
  const exact = pathOperator === 'EQUALS'
  const parameters = wanted.flatMap(({ parameter }, index) =>
    parameter === undefined ? [] : [{ index, name: parameter }],
  )
  const fits = ({ parameter, text }: Part, segment: string, index: number) => {
    if (parameter !== undefined || text === segment) return true
    if (!exact && index === wanted.length - 1) return segment.startsWith(text)
    return isSame(text, segment)
  }
  return {
    match(segments) {
      if (exact ? segments.length !== wanted.length : segments.length < wanted.length) return undefined
      for (let i = 0; i < wanted.length; i++) if (!fits(wanted[i]!, segments[i]!, i)) return undefined
      return parameters.length === 0
        ? NO_PARAMETERS
        : Object.fromEntries(parameters.map(({ index, name }) => [name, segments[index]!]))
    },
    scores(matched) {
      const segments = (matched || '/').split('/')
      return parts.map(({ parameter, text }, i) => {
        const segment = segments[i]
        if (segment === undefined || isSame(text, segment)) return 1
        return parameter === undefined ? 0 : 0.5
      })
    },
  }
}

/** A part between slashes: a parameter by its name, or the text that a request must have there. */
interface Part {
  readonly parameter?: string
  readonly text: string
}

/** Decoded, as requests are before they are matched: `/caf%C3%A9` in a rule must not match nothing. */
function partOf(segment: string): Part {
  if (segment.startsWith(':')) return { parameter: segment.slice(1), text: segment }
  try {
    return { text: decodeURIComponent(segment) }
  } catch {
    return { text: segment }
  }
}

/** A path parameter (`;x=1`) is no part of the name to many servers: a rule must not be stepped past with one. */
function isSame(text: string, segment: string): boolean {
  return text === segment || text === withoutParameters(segment)
}

function withoutParameters(segment: string): string {
  const mark = segment.indexOf(';')
  return mark === -1 ? segment : segment.slice(0, mark)
}

/** The one of the flows that fits a path best: the first difference from the left decides, then length, then order. */
export function bestMatch<T extends { readonly path: FlowPath }>(flows: readonly T[], matched: string): T | undefined {
  let best: { readonly flow: T; readonly scores: readonly number[] } | undefined
  for (const flow of flows) {
    const scores = flow.path.scores(matched)
    if (best === undefined || isBetter(scores, best.scores)) best = { flow, scores }
  }
  return best?.flow
}

function isBetter(scores: readonly number[], than: readonly number[]): boolean {
  for (let i = 0; i < scores.length; i++) {
    const other = than[i]
    if (other === undefined) return true
    if (scores[i] !== other) return scores[i]! > other
  }
  return false
}
