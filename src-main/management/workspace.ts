import { isIP } from 'node:net'
import type { Workspace, WorkspaceDocument } from '@shared/workspace'
import type { StoredDeployment } from '../workspace/store'
import { runningRevision } from './api-state'
import type { Context, HandlersOf } from './context'
import { fieldInvalid } from './problems'
import { configuredAuthorization, pointResourcesAt } from './running/own-authorization'
import { withDeployment } from './running/workspace-view'

export function workspaceHandlers(context: Context): HandlersOf<'workspace'> {
  const { store, exclusive } = context
  return {
    'workspace.get': async () => workspaceOf(context),

    'workspace.update': (change) =>
      exclusive(async () => {
        const before = store.document()
        const document: WorkspaceDocument = {
          ...before,
          ...change,
          ...(change.name === undefined ? {} : { name: change.name.trim() }),
          ...(change.host === undefined ? {} : { host: listenHost(change.host) }),
        }
        if (document.gatewayPort !== 0 && document.gatewayPort === document.authorizationPort)
          throw fieldInvalid(
            change.authorizationPort === undefined ? '/gatewayPort' : '/authorizationPort',
            'The gateway and the authorization server cannot share a port',
            'Choose another port for one of them.',
          )
        await move(context, before, document, change)
        return workspaceOf(context)
      }),
  }
}

/**
 * Runs and saves the new addresses. Resources that point at the authorization server follow it, in the drafts and, with a revision
 * of their own, in what runs: a person who changes a port expects the calls to work as before.
 */
async function move(
  { store, running, rememberAuthorization }: Context,
  before: WorkspaceDocument,
  document: WorkspaceDocument,
  change: { host?: string; gatewayPort?: number; authorizationPort?: number },
): Promise<void> {
  const from = configuredAuthorization(before)
  const to = configuredAuthorization(document)
  const moved = from !== undefined && to !== undefined && from !== to
  const follow = (api: StoredDeployment['definition']) => (moved ? pointResourcesAt(api, new Set([from]), to) : api)

  const drafts = store.apis().flatMap(({ definition }) => {
    const followed = follow(definition)
    return followed === definition ? [] : [followed]
  })
  const revisions = store.apis().flatMap(({ definition: { id } }): StoredDeployment[] => {
    const running = runningRevision(store, id)
    const followed = running && follow(running.definition)
    if (!running || !followed || followed === running.definition) return []
    const sentence = `Resources follow the authorization server from ${from} to ${to}`
    const deployedAt = new Date().toISOString()
    return [{ ...running, revision: running.revision + 1, deployedAt, changes: [sentence], definition: followed }]
  })
  // With any free port there is no address to write down: what points at the old one is led on when it runs.
  if (from !== undefined && to === undefined) rememberAuthorization(from)

  const addresses = ['host', 'gatewayPort', 'authorizationPort'] as const
  await running.change({
    view: (saved) => revisions.reduce(withDeployment, { ...saved, document }),
    dropOverrides: addresses.filter((name) => change[name] !== undefined),
    async save() {
      await store.saveDocument(document)
      for (const revision of revisions) await store.addDeployment(revision)
      for (const draft of drafts) await store.saveApi(draft)
    },
  })
}

function workspaceOf({ store, running }: Context): Workspace {
  const { protection, keyFile } = store.secrets
  return {
    ...store.document(),
    folder: store.folder,
    secretsProtection: protection,
    ...(keyFile === undefined ? {} : { secretsKeyFile: keyFile }),
    problems: [...store.problems(), ...running.problems()],
  }
}

function listenHost(given: string): string {
  const host = given.trim().replace(/^\[(.*)\]$/, '$1')
  if (host === 'localhost' || isIP(host) !== 0) return host
  throw fieldInvalid(
    '/host',
    `${host} is not an address of a machine`,
    'Give 127.0.0.1 for this machine only, or the IP address of one of its networks.',
  )
}
