import type { ApiDefinition } from '@shared/api-definition'
import type { Store, StoredDeployment } from '../../workspace/store'
import type { WorkspaceView } from './workspace-view'
import { withDeployment } from './workspace-view'

/** What has to be saved so that every API goes on to reach what has moved. */
export interface Following {
  /** The view with the revisions as those that run. */
  view(saved: WorkspaceView): WorkspaceView
  save(): Promise<void>
}

/**
 * The APIs after their resources have followed a move: their drafts, and, with a revision of their own, what runs of them. A person
 * who changes a port or a path expects the calls to work as before; and what a draft holds besides stays undeployed.
 *
 * Killed in between, an API that has not been saved points at where nothing is: it refuses every call, and is listed among the
 * workspace's problems.
 *
 * @param follow the same value for a definition that has nothing to follow
 * @param sentence what the new revisions say of themselves
 */
export function followingApis(
  store: Store,
  follow: (definition: ApiDefinition) => ApiDefinition,
  sentence: string,
): Following {
  const revisions = store.deployed().flatMap((deployment): StoredDeployment[] => {
    const definition = follow(deployment.definition)
    if (definition === deployment.definition) return []
    const deployedAt = new Date().toISOString()
    return [{ ...deployment, revision: deployment.revision + 1, deployedAt, changes: [sentence], definition }]
  })
  const drafts = store.apis().flatMap(({ definition }) => {
    const followed = follow(definition)
    return followed === definition ? [] : [followed]
  })
  return {
    view: (saved) => revisions.reduce(withDeployment, saved),
    async save() {
      for (const revision of revisions) await store.addDeployment(revision)
      for (const draft of drafts) await store.saveApi(draft)
    },
  }
}
