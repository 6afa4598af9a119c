import type { Problem } from '@shared/problem'

/** The problem, unless all of it is told at fields already: the same sentence twice helps nobody. */
export function besideFields(problem: Problem | undefined, shownFields: readonly string[]): Problem | undefined {
  return problem?.errors?.every(({ field }) => shownFields.includes(field)) ? undefined : problem
}
