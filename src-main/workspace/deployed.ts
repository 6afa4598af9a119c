import type { Documents } from './documents'
import type { StoredDeployment } from './store'

/**
 * The newest revision of every API that is there. An API without a draft is gone, whatever of its revisions is left
 * behind; one whose draft's file cannot be read is not: its revisions stand in the folder that is named like that file.
 */
export function newestRevisions(documents: Documents): StoredDeployment[] {
  const drafts = new Set(documents.of('api').map(({ value }) => value!.id))
  const unreadable = documents
    .unreadable('api')
    .map((file) => file.replace(/^apis\//, 'deployments/').replace(/\.json$/, '/'))
  const newest = new Map<string, StoredDeployment>()
  for (const { value, document } of documents.of('deployment')) {
    const { apiId, revision } = value!
    if (!drafts.has(apiId) && !unreadable.some((folder) => document.file.startsWith(folder))) continue
    if (revision > (newest.get(apiId)?.revision ?? 0)) newest.set(apiId, value!)
  }
  return [...newest.values()]
}
