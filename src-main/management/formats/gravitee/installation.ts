import type { Notes } from '../notes'
import { child, counted, isBlank, without, type Open } from '../values'

/** What Gravitee's management knows of an API or a plan in its own installation, and which says nothing in another. */
const OF_ITS_INSTALLATION = new Set([
  'createdAt',
  'updatedAt',
  'deployedAt',
  'publishedAt',
  'closedAt',
  'needRedeployAt',
  'state',
  'deploymentState',
  'workflowState',
  'primaryOwner',
  'owner',
  'originContext',
  'definitionContext',
  'environmentId',
  'integrationId',
  'apiId',
  'api',
  'apis',
  'entrypoints',
  'contextPath',
  'contextRef',
  'local',
  'etag',
  'pictureUrl',
  'backgroundUrl',
  'disableMembershipNotifications',
  'notifyMembers',
  'definitionVersion',
  'links',
])

/** What of an export no gateway runs, in words. */
export const BESIDE_THE_API: Readonly<Record<string, string>> = {
  members: 'The members, who are people of the installation that it comes from',
  metadata: 'The metadata, which its developer portal shows',
  pages: 'The pages of documentation',
  apiMedia: 'The media of the documentation',
  apiPicture: 'The picture',
  apiBackground: 'The background picture',
  picture: 'The picture',
  background: 'The background picture',
  groups: 'The groups of people',
  groupRefs: 'The groups of people',
  views: 'The categories of its developer portal',
  notificationsRefs: 'Who is notified of events',
}

/**
 * Whether a member only says something in the installation that it comes from. Version 2 writes names as `created_at`, version 4 as
 * `createdAt`, links as `_links`.
 */
export const isOfItsInstallation = (name: string) => OF_ITS_INSTALLATION.has(camelCase(name))

/** The members of an API or a plan that say something elsewhere too. */
export function withoutInstallation(value: Open): Record<string, unknown> {
  return without(value, ...Object.keys(value).filter(isOfItsInstallation))
}

/** Tells in one note of what {@link withoutInstallation} leaves out. */
export function noteInstallation(value: Open, at: string, notes: Notes): void {
  const gone = Object.keys(value).filter(
    (name) =>
      isOfItsInstallation(name) && name !== 'definitionVersion' && !isBlank(value[name]) && value[name] !== false,
  )
  if (gone.length > 0)
    notes.add('dropped', at, `What holds in the installation that it comes from alone: ${gone.join(', ')}`)
}

/** A member that stands beside an API and that no gateway runs, in words. */
export function nameBeside(name: string, value: unknown): string {
  const words = BESIDE_THE_API[camelCase(name)]
  const count = Array.isArray(value) ? ` (${counted(value.length, 'entry').replace('entrys', 'entries')})` : ''
  return words === undefined ? `${child('', name).slice(1)}, which this gateway does not know` : `${words}${count}`
}

/** `created_at` → `createdAt`, `_links` → `links`. */
export const camelCase = (name: string) =>
  name.replace(/^_+/, '').replaceAll(/_+([a-z])/g, (_whole, letter: string) => letter.toUpperCase())
