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
      if (list === 'endpointGroups') {
        const moved = endpointPointer(pointer, before, after)
        return moved === undefined ? [] : [[moved, text] as const]
      }
      if (list !== 'flows' && list !== 'resources' && list !== 'plans') return [[pointer, text] as const]
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

/** An endpoint may have moved to another group, or its group may have moved with it. */
function endpointPointer(pointer: string, before: ApiDefinition, after: ApiDefinition): string | undefined {
  const [, list, g, part, e, ...rest] = pointer.split('/')
  const group = before.endpointGroups[Number(g)]
  if (part === 'endpoints') {
    const endpoint = group?.endpoints[Number(e)]
    for (const [at, { endpoints }] of after.endpointGroups.entries()) {
      const found = endpoints.findIndex((each) => each === endpoint)
      if (found >= 0) return ['', list, at, part, found, ...rest].join('/')
    }
    const same = after.endpointGroups[Number(g)]?.endpoints.length === group?.endpoints.length
    return same ? pointer : undefined
  }
  const at = indexAfter(before.endpointGroups, after.endpointGroups, Number(g))
  const moved = ['', list, at, part, ...(e === undefined ? [] : [e, ...rest])]
  // An edit within the group changes it; it is then where it was.
  if (at < 0) return undefined
  return moved.join('/')
}
