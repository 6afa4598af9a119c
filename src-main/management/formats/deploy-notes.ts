import type { ApiDefinition } from '@shared/api-definition'
import type { FormatNote } from '@shared/api-formats'
import type { FieldError } from '@shared/problem'
import type { Context } from '../context'
import { placed } from '../definition/place-of'
import { missingDictionaries } from '../running/build-dictionaries'
import { resolveSecrets } from '../running/build-snapshot'
import { listConditions } from '../running/list-conditions'
import { missingResources } from '../running/missing-resources'
import { collectNotes } from './notes'
import { noteUnused } from './unused'

/** What of a draft keeps it from being deployed, by the engine's own word, and what in it does nothing here. */
export async function deployNotes(
  { engine, store }: Pick<Context, 'engine' | 'store'>,
  definition: ApiDefinition | undefined,
): Promise<readonly FormatNote[]> {
  if (definition === undefined) return []
  const notes = collectNotes()
  const { value, missing } = resolveSecrets(definition, store.secrets)
  const lacking = [
    ...missing,
    ...missingDictionaries(definition, store.dictionaries()),
    ...missingResources(definition),
    ...listConditions(definition),
  ]
  const errors: FieldError[] = lacking.map((error) => placed(definition, error))
  try {
    const found = await engine.check([{ id: definition.id, revision: 0, secretsVersion: 'import', definition: value }])
    errors.push(...found.flatMap((problem) => problem.errors))
  } catch {
    notes.add('changed', '', 'Whether it can be deployed was not checked: the engine is not running')
  }
  for (const { field, message, remedy } of errors) notes.add('blocks', field, message, remedy)
  noteUnused(
    definition,
    errors.map(({ field }) => field),
    notes,
  )
  return notes.all
}
