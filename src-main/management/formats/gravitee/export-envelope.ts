import type { Drafted, ReadContext } from '../reader'
import { child, counted, entries, isBlank, isObject, members, without, type Open } from '../values'
import { definitionV4 } from './definition-v4'

/** What Gravitee's management knows of an API in its own installation, and which says nothing in another. */
const OF_ITS_INSTALLATION = [
  'createdAt',
  'updatedAt',
  'deployedAt',
  'publishedAt',
  'needRedeployAt',
  'closedAt',
  'state',
  'deploymentState',
  'workflowState',
  'primaryOwner',
  'originContext',
  'definitionContext',
  'environmentId',
  'integrationId',
  'apiId',
  'disableMembershipNotifications',
  '_links',
  'links',
]

/** What of an export no gateway runs, in words. */
const BESIDE_THE_API: Readonly<Record<string, string>> = {
  members: 'The members, who are people of the installation that it comes from',
  metadata: 'The metadata, which its developer portal shows',
  pages: 'The pages of documentation',
  apiMedia: 'The media of the documentation',
  apiPicture: 'The picture',
  apiBackground: 'The background picture',
  groups: 'The groups of people',
}

/** A version 4 API as Gravitee's management exports it: `{ export, api, plans, pages, … }`. */
export function readExportV4(source: Open, context: ReadContext): Drafted {
  const api = members(source.api)
  const definition = definitionV4(
    { ...withoutInstallation(api, '/api', context), plans: plansOf(source, context) },
    '/api',
    context,
  )
  context.notes.leftOver(source, '', ['export', 'api', 'plans'], (name) => nameBeside(name, members(source)[name]))
  return { definition, hasExamples: false, servers: 1 }
}

/** The plans stand beside the API; where they stand within, those are meant. */
function plansOf(source: Open, context: ReadContext): unknown[] {
  const beside = entries(source.plans, '/plans')
  const list = beside.length > 0 ? beside : entries(members(source.api).plans, '/api/plans')
  return list.map(({ value, at }) => (isObject(value) ? withoutInstallation(value, at, context) : value))
}

function withoutInstallation(value: Open, at: string, { notes }: ReadContext): Open {
  const gone = OF_ITS_INSTALLATION.filter((name) => !isBlank(value[name]))
  if (gone.length > 0 && at === '/api')
    notes.add('dropped', at, `What holds in the installation that it comes from alone: ${gone.join(', ')}`)
  return without(value, ...OF_ITS_INSTALLATION)
}

function nameBeside(name: string, value: unknown): string {
  const words = BESIDE_THE_API[name]
  const count = Array.isArray(value) ? ` (${counted(value.length, 'entry').replace('entrys', 'entries')})` : ''
  return words === undefined ? `${child('', name).slice(1)}, which this gateway does not know` : `${words}${count}`
}
