import type { Application, Domain } from '@shared/domain'
import type { Context } from '../context'
import { withDomain, withoutSecrets, withSecrets } from '../running/workspace-view'

/** What of an application's secrets changes with it. */
export interface SecretChanges {
  /** Values that are new, by where they are sealed. */
  readonly sealed?: Readonly<Record<string, string>>
  /** Where secrets are sealed that are gone. */
  readonly gone?: readonly string[]
}

/**
 * Runs the application and saves it, in the place of the one with its id or as a new one. Within `exclusive`. A kill between two
 * of its writes leaves a workspace that works: new secrets come before the document that refers to them, and go after it.
 */
export async function saveApplication(
  context: Context,
  domain: Domain,
  application: Application,
  changes?: SecretChanges,
): Promise<void> {
  const { applications } = domain
  const isNew = !applications.some(({ id }) => id === application.id)
  await saveApplications(
    context,
    domain,
    isNew
      ? [...applications, application]
      : applications.map((each) => (each.id === application.id ? application : each)),
    changes,
  )
}

/** The same for all applications of a domain. */
export async function saveApplications(
  { store, running }: Context,
  domain: Domain,
  applications: readonly Application[],
  { sealed = {}, gone = [] }: SecretChanges = {},
): Promise<void> {
  const saved: Domain = { ...domain, applications: [...applications], updatedAt: new Date().toISOString() }
  await running.change({
    // What runs is looked at without the secrets that go, so that an API that needs one is told at once.
    view: (view) => withoutSecrets(withSecrets(withDomain(view, saved), sealed), gone),
    async save() {
      if (Object.keys(sealed).length > 0) await store.secrets.set(sealed)
      await store.saveDomain(saved)
    },
  })
  if (gone.length > 0) await store.secrets.remove(gone)
}
