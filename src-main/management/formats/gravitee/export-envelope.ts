import type { Drafted, ReadContext } from '../reader'
import { entries, isObject, members, type Open } from '../values'
import { definitionV4 } from './definition-v4'
import { nameBeside, noteInstallation, withoutInstallation } from './installation'

/** A version 4 API as Gravitee's management exports it: `{ export, api, plans, pages, … }`. */
export function readExportV4(source: Open, context: ReadContext): Drafted {
  const api = members(source.api)
  noteInstallation(api, '/api', context.notes)
  const definition = definitionV4({ ...withoutInstallation(api), plans: plansOf(source) }, '/api', context)
  context.notes.leftOver(source, '', ['export', 'api', 'plans'], (name) => nameBeside(name, source[name]))
  return { definition, hasExamples: false, servers: 1 }
}

/** The plans stand beside the API; where they stand within, those are meant. */
function plansOf(source: Open): unknown[] {
  const beside = entries(source.plans, '/plans')
  const list = beside.length > 0 ? beside : entries(members(source.api).plans, '/api/plans')
  return list.map(({ value }) => (isObject(value) ? withoutInstallation(value) : value))
}
