import { protectingResource } from '../management/walkthrough/protection'
import { pathsOf } from '../management/definition/context-path'
import type { Store } from '../workspace'

export interface ReadyAddresses {
  readonly gateway: string
  readonly authorization: string
  readonly management?: string
  readonly managementToken?: string
}

/** What a person needs when both servers listen: addresses, and the walk-through as lines to paste. */
export function readyText(store: Store, ready: ReadyAddresses): string {
  return [
    `Gatehouse serves ${store.folder}`,
    '',
    `  Gateway               ${ready.gateway}`,
    `  Authorization server  ${ready.authorization}`,
    ...(ready.management === undefined
      ? []
      : [`  Management            ${ready.management}`, `  Management token      ${ready.managementToken}`]),
    ...walkthrough(store, ready),
    '',
    'Ctrl-C finishes the requests in flight and ends it.',
  ].join('\n')
}

function walkthrough(store: Store, { gateway, authorization }: ReadyAddresses): string[] {
  const api = store
    .apis()
    .flatMap(({ definition }) => store.deployments(definition.id).at(-1)?.definition ?? [])
    .find((definition) => protectingResource(definition) !== undefined)
  const domain = store
    .domains()
    .find(({ enabled, applications }) => enabled && applications.some((each) => each.enabled))
  const application = domain?.applications.find(({ enabled }) => enabled)
  if (!api || !domain || !application) return []
  // Never the secret itself: what a server prints ends up in logs.
  const credentials = `${application.clientId}:$CLIENT_SECRET`
  const address = `${gateway}${pathsOf(api)[0]}`
  return [
    '',
    'Refused without a token:',
    `  curl -i ${address}`,
    'A token, with the secret in CLIENT_SECRET:',
    `  curl -i -u "${credentials}" -d grant_type=client_credentials ${authorization}/${domain.path}/oauth/token`,
    'Answered with it:',
    `  curl -i ${address} -H 'Authorization: Bearer <access_token>'`,
  ]
}
