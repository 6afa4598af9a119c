import { randomUUID } from 'node:crypto'
import type { ApiDefinition } from '@shared/api-definition'
import type { FormatNote, ImportConflict } from '@shared/api-formats'
import type { OperationInput } from '@shared/operations'
import type { Store, StoredApi } from '../../workspace/store'
import { contextPath, pathOwner, pathsOf } from '../definition/context-path'
import { apiOf } from '../lookup'
import { fieldInvalid } from '../problems'
import { keepSecrets } from './keep-secrets'
import type { ApiFile } from './read-api-file'

/** An API of a file where it would stand in this workspace. */
export interface PlacedImport {
  readonly file: ApiFile
  /** Undefined when the file has problems. */
  readonly definition: ApiDefinition | undefined
  /** The draft that it takes the place of. */
  readonly before: StoredApi | undefined
  readonly conflicts: readonly ImportConflict[]
  readonly notes: readonly FormatNote[]
}

/**
 * Finds a place for a file that was read: under its own id and those of its plans unless others have them, or in the place of an API,
 * whose id, secrets and own settings then stay.
 *
 * @throws ProblemError API_NOT_FOUND, INPUT_INVALID
 */
export function placeImport(store: Store, file: ApiFile, input: OperationInput<'apis.importPreview'>): PlacedImport {
  const { apiId } = input
  const before = apiId === undefined ? undefined : apiOf(store, apiId)
  if (file.definition === undefined) return { file, definition: undefined, before, conflicts: [], notes: file.notes }
  const wanted = renamed(file.definition, input)
  const { definition, notes } = before ? replacing(wanted, before.definition) : asNew(wanted, store)
  return {
    file,
    definition,
    before,
    conflicts: conflictsOf(store, wanted, before),
    notes: [...file.notes, ...notes],
  }
}

/** With the name and the path that a person has chosen. */
function renamed(definition: ApiDefinition, { name, path }: OperationInput<'apis.importPreview'>): ApiDefinition {
  const chosen = path === undefined || path.trim() === '' ? undefined : contextPath(path)
  if (typeof chosen === 'object') throw fieldInvalid('/path', chosen.message, chosen.remedy)
  const [first, ...others] = definition.listeners
  return {
    ...definition,
    ...(name === undefined || name.trim() === '' ? {} : { name: name.trim() }),
    listeners:
      chosen === undefined || first === undefined
        ? definition.listeners
        : [{ ...first, paths: [{ ...first.paths[0], path: chosen }] }, ...others],
  }
}

interface Fitted {
  readonly definition: ApiDefinition
  readonly notes: readonly FormatNote[]
}

function asNew(definition: ApiDefinition, store: Store): Fitted {
  const others = [...store.apis(), ...store.deployed()].map((each) => each.definition)
  const isTaken = others.some(({ id }) => id === definition.id)
  const taken = new Set(others.flatMap(({ plans }) => plans.map(({ id }) => id)))
  const renewed = definition.plans.filter(({ id }) => taken.has(id))
  const changed = (pointer: string, sentence: string): FormatNote => ({ kind: 'changed', pointer, sentence })
  return {
    definition: {
      ...definition,
      id: isTaken ? randomUUID() : definition.id,
      plans: definition.plans.map((plan) => (taken.has(plan.id) ? { ...plan, id: randomUUID() } : plan)),
    },
    notes: [
      ...(isTaken ? [changed('/id', 'The API gets a new id: another one here has its own')] : []),
      ...(renewed.length > 0
        ? [
            changed(
              '/plans',
              `New ids for ${renewed.map(({ name }) => name).join(', ')}: plans of another API have theirs`,
            ),
          ]
        : []),
    ],
  }
}

/** Plans of the same id or name are the same plans, so that who has subscribed to them stays so. */
function replacing(definition: ApiDefinition, before: ApiDefinition): Fitted {
  const free = [...before.plans]
  const take = (found: number) => (found < 0 ? undefined : free.splice(found, 1)[0])
  const plans = definition.plans.map((plan) => {
    const same =
      take(free.findIndex(({ id }) => id === plan.id)) ??
      take(free.findIndex(({ name, security }) => name === plan.name && security.type === plan.security.type))
    return same === undefined ? plan : { ...plan, id: same.id }
  })
  const gatehouse = definition.gatehouse ?? before.gatehouse
  return keepSecrets({ ...definition, id: before.id, plans, ...(gatehouse === undefined ? {} : { gatehouse }) }, before)
}

function conflictsOf(store: Store, definition: ApiDefinition, before: StoredApi | undefined): ImportConflict[] {
  const except = before?.definition.id
  const name = definition.name.trim().toLowerCase()
  const namesake = store
    .apis()
    .find((each) => each.definition.name.toLowerCase() === name && each.definition.id !== except)?.definition
  const sameId =
    before === undefined ? store.apis().find((each) => each.definition.id === definition.id)?.definition : undefined
  const paths = pathsOf(definition).flatMap((path): ImportConflict[] => {
    const owner = pathOwner(store, [path], except)
    if (owner === undefined) return []
    const { apiId, apiName } = owner
    return [
      {
        what: 'path',
        value: path,
        apiId,
        apiName,
        sentence: `The path ${path} belongs to the API ${apiName}`,
        remedy: `Give another path, or replace the draft of ${apiName}.`,
      },
    ]
  })
  return [
    ...paths,
    ...(namesake
      ? [
          {
            what: 'name' as const,
            value: definition.name,
            apiId: namesake.id,
            apiName: namesake.name,
            sentence: `There is an API called ${namesake.name} already`,
            remedy: `Give another name, or replace the draft of ${namesake.name}.`,
          },
        ]
      : []),
    ...(sameId
      ? [
          {
            what: 'id' as const,
            value: sameId.id,
            apiId: sameId.id,
            apiName: sameId.name,
            sentence: `${sameId.name} has the same id, and may be the same API`,
            remedy: `Replace the draft of ${sameId.name}, or import this as another API with an id of its own.`,
          },
        ]
      : []),
  ]
}
