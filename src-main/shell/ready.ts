import type { EngineStatus } from '@shared/engine-status'
import { parseSecretReference } from '@shared/secret-reference'
import { caFileOf } from '../management/certificates/keep'
import type { Sample } from '../management/sample'
import { clientSecretOf } from '../management/lookup'
import { runningExample, type Example } from '../management/walkthrough/example'
import { terminalLines } from '../management/walkthrough/terminal-lines'
import type { Store } from '../workspace/store'

/** What a program that started the app learns when everything answers: one line of JSON, `{"ready":{…}}`. */
export interface Ready {
  readonly workspace: string
  readonly gateway?: string
  readonly authorization?: string
  /** The certificate that clients have to trust, where a server speaks HTTPS by the local authority. */
  readonly caFile?: string
  /** Servers that do not listen, in words. */
  readonly problems: readonly string[]
  readonly example?: ReadyExample
  /** Who can log in to the sample, with the password; told by the process that has made it, and kept nowhere. */
  readonly user?: SampleUser
}

export type SampleUser = Pick<Sample, 'username' | 'password'>

/** A protected API that runs, and who may call it. */
export interface ReadyExample {
  readonly domain: string
  readonly application: string
  readonly clientId: string
  /** Told of the sample workspace only. */
  readonly clientSecret?: string
  /** The walk-through's calls, to paste into a terminal; absent while one of the servers does not listen. */
  readonly lines?: readonly string[]
}

/**
 * What is ready in an open workspace.
 *
 * @param isSample whether it is the sample workspace, whose secret is there to be pasted; any other's is nobody's to print
 * @param user of a sample that this process has made
 */
export function readyOf(
  store: Store,
  { gateway, authorization }: EngineStatus,
  isSample: boolean,
  user?: SampleUser,
): Ready {
  const addresses = {
    ...(gateway.state === 'listening' ? { gateway: gateway.address } : {}),
    ...(authorization.state === 'listening' ? { authorization: authorization.address } : {}),
  }
  const caFile = caFileOf(store)
  const example = runningExample(store)
  return {
    workspace: store.folder,
    ...addresses,
    ...(caFile === undefined ? {} : { caFile }),
    problems: [gateway, authorization].flatMap((listener) =>
      listener.state === 'port-taken' || listener.state === 'failed' ? [listener.sentence] : [],
    ),
    ...(example === undefined
      ? {}
      : { example: exampleOf(example, { ...addresses, caFile }, isSample ? secretOf(store, example) : undefined) }),
    ...(user === undefined ? {} : { user }),
  }
}

function exampleOf(
  example: Example,
  { gateway, authorization, caFile }: { gateway?: string; authorization?: string; caFile: string | undefined },
  clientSecret: string | undefined,
): ReadyExample {
  const { domain, application } = example
  return {
    domain: domain.path,
    application: application.name,
    clientId: application.clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(gateway === undefined || authorization === undefined
      ? {}
      : {
          lines: terminalLines(
            example,
            { gateway, authorization, ...(caFile === undefined ? {} : { caFile }) },
            clientSecret,
          ),
        }),
  }
}

/** A secret that comes from the environment is not ours to print. */
function secretOf(store: Store, { application }: Example): string | undefined {
  return parseSecretReference(application.clientSecret)?.provider === 'env'
    ? undefined
    : clientSecretOf(store, application)
}
