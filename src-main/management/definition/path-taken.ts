import type { Store } from '../../workspace/store'
import { conflict } from '../problems'
import { pathOwner } from './context-path'

/**
 * Throws ProblemError API_PATH_TAKEN, naming the other API, when one of the paths is not free.
 *
 * @param fieldOf JSON pointer to the path in the input; undefined when the input has none
 * @param except the API that the paths are for
 */
export function refuseTakenPath(
  store: Store,
  paths: readonly string[],
  fieldOf: (path: string) => string | undefined,
  except?: string,
): void {
  const owner = pathOwner(store, paths, except)
  if (!owner) return
  const field = fieldOf(owner.path)
  throw conflict(
    'API_PATH_TAKEN',
    `The path ${owner.path} belongs to the API ${owner.apiName}`,
    `Choose another path, or change that of ${owner.apiName} first.`,
    field === undefined ? {} : { field },
  )
}
