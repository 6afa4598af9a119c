import { ApiDefinition } from '@shared/api-definition'
import { SavedRequest } from '@shared/console'
import { Dictionary } from '@shared/dictionary'
import { Domain } from '@shared/domain'
import { SubscriptionsDocument } from '@shared/subscriptions'
import { WorkspaceDocument } from '@shared/workspace'
import { Type } from 'typebox'

/** Where everything of a workspace stands; paths within it are written with slashes. */
export const DOCUMENT_FILE = 'gatehouse.json'
export const SECRETS_FILE = 'secrets.enc'
/** Never committed: the engine's state, the lock, backups. */
export const STATE_FOLDER = '.state'
export const LOCK_FILE = '.state/lock.json'
export const BACKUP_FOLDER = '.state/backups'

/** The format that this version reads and writes; older ones are migrated when they are opened. */
export const FORMAT_VERSION = 2

/** Written beside a new workspace. `secrets.enc` is not in it: it is sealed, and its key stands outside of the folder. */
export const GITIGNORE = `# Gatehouse's own: state, lock, backups, unfinished writes.
${STATE_FOLDER}/
.gatehouse-*.tmp
`

/** `deployments/<api>/<n>.json`. */
export const DeploymentDocument = Type.Object({
  apiId: Type.String({ minLength: 1 }),
  revision: Type.Integer({ minimum: 1 }),
  deployedAt: Type.String(),
  changes: Type.Array(Type.String()),
  definition: ApiDefinition,
})

export const schemas = {
  workspace: WorkspaceDocument,
  domain: Domain,
  dictionary: Dictionary,
  api: ApiDefinition,
  deployment: DeploymentDocument,
  console: SavedRequest,
  subscriptions: SubscriptionsDocument,
} as const

export type DocumentKind = keyof typeof schemas

const folders: readonly (readonly [DocumentKind, RegExp])[] = [
  ['workspace', /^gatehouse\.json$/],
  ['domain', /^domains\/[^/]+\.json$/],
  ['dictionary', /^dictionaries\/[^/]+\.json$/],
  ['api', /^apis\/[^/]+\.json$/],
  ['deployment', /^deployments\/[^/]+\/[^/]+\.json$/],
  ['console', /^console\/[^/]+\.json$/],
  ['subscriptions', /^subscriptions\/[^/]+\.json$/],
]

/** What a file of the workspace holds; undefined when it is none of its documents. Hidden files are none. */
export function kindOf(file: string): DocumentKind | undefined {
  if (file.split('/').some((part) => part.startsWith('.'))) return undefined
  return folders.find(([, form]) => form.test(file))?.[0]
}

/** Whether edits of a file from outside are taken up. */
export function isWatchedFile(file: string): boolean {
  return kindOf(file) !== undefined || file === SECRETS_FILE
}

/** Whether such files stand in a folder of the workspace, or in the folders of it. */
export function isDocumentFolder(folder: string): boolean {
  return folder === 'deployments' || kindOf(`${folder}/any.json`) !== undefined
}

/**
 * A file's name for a document: small letters, digits and hyphens, at most 60, never one that Windows reserves.
 *
 * @param otherwise for a name in which nothing of that is left
 */
export function slugOf(name: string, otherwise = 'unnamed'): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '')
  if (slug === '') return otherwise
  return /^(con|prn|aux|nul|com\d|lpt\d)$/.test(slug) ? `${slug}-1` : slug
}

/** The first of `name`, `name-2`, `name-3` … that is free. */
export function freeName(name: string, taken: (name: string) => boolean): string {
  let free = name
  for (let number = 2; taken(free); number++) free = `${name}-${number}`
  return free
}
