import { parseSecretReference } from '@shared/secret-reference'
import type { EngineStatus } from '@shared/engine-status'
import type { Store } from '../workspace/store'

/** What a program that started the app learns when everything answers: one line of JSON, `{"ready":{…}}`. */
export interface Ready {
  readonly workspace: string
  readonly gateway?: string
  readonly authorization?: string
  /** Servers that do not listen, in words. */
  readonly problems: readonly string[]
  readonly sample?: ReadySample
}

/** Credentials and path of a protected API, for the lines a person pastes into a terminal. */
export interface ReadySample {
  readonly domain: string
  readonly application: string
  readonly clientId: string
  readonly clientSecret: string
  readonly api: string
}

/** What is ready in an open workspace. */
export function readyOf(store: Store, status: EngineStatus): Ready {
  const sample = sampleOf(store)
  return {
    workspace: store.folder,
    ...addresses(status),
    problems: [status.gateway, status.authorization].flatMap((listener) =>
      listener.state === 'port-taken' || listener.state === 'failed' ? [listener.sentence] : [],
    ),
    ...(sample === undefined ? {} : { sample }),
  }
}

function addresses({ gateway, authorization }: EngineStatus): Pick<Ready, 'gateway' | 'authorization'> {
  return {
    ...(gateway.state === 'listening' ? { gateway: gateway.address } : {}),
    ...(authorization.state === 'listening' ? { authorization: authorization.address } : {}),
  }
}

/** The first application that can get a token, with the first deployed API; undefined until there are both. */
function sampleOf(store: Store): ReadySample | undefined {
  const api = store.apis().find(({ definition }) => store.deployments(definition.id).length > 0)
  const path = api?.definition.listeners[0]?.paths[0]?.path
  const domain = store.domains().find(({ enabled, applications }) => enabled && applications.some((a) => a.enabled))
  const application = domain?.applications.find(({ enabled }) => enabled)
  if (path === undefined || domain === undefined || application === undefined) return undefined
  if (application.clientSecret === undefined) return undefined
  // A secret that comes from the environment is not ours to print.
  if (parseSecretReference(application.clientSecret)?.provider === 'env') return undefined
  const clientSecret = store.secrets.resolve(application.clientSecret)
  if (clientSecret === undefined) return undefined
  return { domain: domain.path, application: application.name, clientId: application.clientId, clientSecret, api: path }
}
