import type { HttpSelector } from '@shared/api-definition'
import type { Static } from 'typebox'

/** A flow's path, prepared: the parameters it found, or undefined when it does not match. */
export interface FlowPath {
  match(segments: readonly string[]): Readonly<Record<string, string>> | undefined
  /** More is more specific: literal segments before parameters, longer before shorter, EQUALS before START_WITH. */
  readonly specificity: readonly number[]
}

const NO_PARAMETERS: Readonly<Record<string, string>> = Object.freeze({})

export function compileFlowPath({
  path,
  pathOperator,
}: Pick<Static<typeof HttpSelector>, 'path' | 'pathOperator'>): FlowPath {
  const wanted = path.split('/').filter((segment) => segment !== '')
  const exact = pathOperator === 'EQUALS'
  const parameters = wanted.flatMap((segment, index) =>
    segment.startsWith(':') ? [{ index, name: segment.slice(1) }] : [],
  )
  return {
    specificity: [...wanted.map((segment) => (segment.startsWith(':') ? 1 : 2)), exact ? 0.5 : 0],
    match(segments) {
      if (exact ? segments.length !== wanted.length : segments.length < wanted.length) return undefined
      // A path parameter (`;x=1`) is no part of the name to many servers: a rule must not be stepped past with one.
      if (
        !wanted.every(
          (want, i) => want.startsWith(':') || want === segments[i] || want === withoutParameters(segments[i]!),
        )
      )
        return undefined
      return parameters.length === 0
        ? NO_PARAMETERS
        : Object.fromEntries(parameters.map(({ index, name }) => [name, segments[index]!]))
    },
  }
}

function withoutParameters(segment: string): string {
  const mark = segment.indexOf(';')
  return mark === -1 ? segment : segment.slice(0, mark)
}

/** Below zero when `a` is more specific than `b`. */
export function bySpecificity(a: FlowPath, b: FlowPath): number {
  for (let i = 0; i < Math.max(a.specificity.length, b.specificity.length); i++) {
    const difference = (b.specificity[i] ?? 0) - (a.specificity[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
