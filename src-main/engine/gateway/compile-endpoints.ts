import { ECHO_TARGET, type Endpoint, type EndpointGroup } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { Pool } from 'undici'
import type { Connectors } from '../tls/connector'
import type { CompileContext } from './compile-api'
import type { CompiledEndpoint } from './compiled-api'

/** Milliseconds, as of Gravitee's endpoints. */
const CONNECT_TIMEOUT = 3000
const READ_TIMEOUT = 60_000
/** More than any person's machine holds open; what is beyond waits its turn. */
const CONNECTIONS = 1024

type Shared = NonNullable<Endpoint['sharedConfigurationOverride']>

/** Gravitee's group may carry settings for all of its endpoints; the contract keeps them as it keeps all it does not name. */
export type SharingGroup = EndpointGroup & { readonly sharedConfiguration?: Shared }

/** The endpoints of a group with their connections. What is wrong goes to `errors`, what is to be closed to `closers`. */
export function compileEndpoints(
  { endpoints, sharedConfiguration }: SharingGroup,
  { echoAddress, connectors }: Pick<CompileContext, 'echoAddress' | 'connectors'>,
  errors: FieldError[],
  closers: (() => unknown)[],
): CompiledEndpoint[] {
  if (endpoints.length === 0)
    errors.push({
      field: '/endpointGroups/0/endpoints',
      message: 'The API has no backend',
      remedy: `Add an endpoint: an http address, or ${ECHO_TARGET} for the built-in echo backend.`,
    })
  return endpoints.flatMap((endpoint, index): CompiledEndpoint[] => {
    const target =
      endpoint.configuration.target.trim() === ECHO_TARGET ? echoAddress : endpoint.configuration.target.trim()
    if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
      errors.push({
        field: `/endpointGroups/0/endpoints/${index}/configuration/target`,
        message: target === '' ? `The endpoint ${endpoint.name} has no address` : `${target} is no http address`,
        remedy: `Give an address such as http://127.0.0.1:3000, or ${ECHO_TARGET}.`,
      })
      return []
    }
    const compiled = compileEndpoint(endpoint, new URL(target), sharedOf(endpoint, sharedConfiguration), connectors)
    closers.push(() => compiled.pool.close())
    return [compiled]
  })
}

/** An endpoint that inherits takes all from its group; its own settings then count for nothing, as in Gravitee. */
function sharedOf(
  { inheritConfiguration, sharedConfigurationOverride }: Endpoint,
  ofGroup: Shared | undefined,
): Shared {
  return (inheritConfiguration === true ? ofGroup : sharedConfigurationOverride) ?? {}
}

function compileEndpoint(
  { name, weight = 1 }: Endpoint,
  target: URL,
  { http = {} }: Shared,
  connectors: Connectors,
): CompiledEndpoint {
  const { connectTimeout = CONNECT_TIMEOUT, readTimeout = READ_TIMEOUT } = http
  return {
    name,
    weight,
    origin: target.origin,
    host: target.host,
    basePath: target.pathname.replace(/\/+$/, ''),
    query: target.search.slice(1),
    connectTimeout,
    readTimeout,
    pool: new Pool(target.origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      connect: connectors(connectTimeout),
      headersTimeout: readTimeout,
      bodyTimeout: readTimeout,
      maxHeaderSize: 64 * 1024,
    }),
  }
}
