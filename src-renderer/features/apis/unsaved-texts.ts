import type { ApiDefinition } from '@shared/api-definition'

/**
 * Texts that are not right yet, by the JSON pointer of their field, after an edit: those of a flow or resource that was
 * moved go with it, those of one that was removed go away.
 */
export function carryTexts(
  texts: ReadonlyMap<string, string>,
  before: ApiDefinition,
  after: ApiDefinition,
): Map<string, string> {
  return new Map(
    [...texts].flatMap(([pointer, text]) => {
      const [, list, index, ...rest] = pointer.split('/')
      if (list !== 'flows' && list !== 'resources') return [[pointer, text] as const]
      const at = indexAfter(before[list], after[list], Number(index))
      return at < 0 ? [] : [[['', list, at, ...rest].join('/'), text] as const]
    }),
  )
}

/** Edits leave what they do not touch as it is, so that an item is known again by its identity. */
function indexAfter(before: readonly object[], after: readonly object[], index: number): number {
  const at = after.indexOf(before[index] ?? {})
  if (at >= 0) return at
  return before.length === after.length ? index : -1
}
