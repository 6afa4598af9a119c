import type { Endpoint, EndpointGroup, Service } from '@shared/api-definition'
import { HealthCheckConfiguration } from '@shared/endpoint-settings'
import type { FieldError } from '@shared/problem'
import { Pool, type Dispatcher } from 'undici'
import type { ExpressionContext } from '../../expression/context'
import { ExpressionError } from '../../expression/expression-error'
import { parseCondition, type Condition } from '../../expression/template'
import type { Connectors } from '../../tls/connector'
import type { HttpEndpoint } from '../compiled-api'
import { UnwritableHeader, writableValue } from '../header-value'
import { upstreamFault } from '../upstream-failure'
import { checkedConfiguration } from './checked-configuration'
import { readCron, type Schedule } from './cron'
import { render, requestHeaderTemplates, type HeaderTemplate } from './header-templates'
import { responseContext } from './response-context'

export interface HealthCheck {
  readonly schedule: Schedule
  readonly successThreshold: number
  readonly failureThreshold: number
  /** Looks at the endpoint once. Never rejects. */
  look(): Promise<Look>
  close(): Promise<void>
}

/** What one look came to. */
export interface Look {
  readonly ok: boolean
  readonly sentence: string
  readonly status?: number
}

/** Bytes of an answer that an assertion may look at. */
const MOST_BYTES = 64 * 1024
const TYPE = 'http-health-check'

/**
 * The check of an endpoint: that of its group, or its own where it overrides that. Undefined when it is not checked, or what is wrong
 * with it stands among `errors`.
 */
export function healthCheckOf(
  endpoint: HttpEndpoint,
  of: Pick<Endpoint, 'services'>,
  group: EndpointGroup,
  at: { readonly endpoint: string; readonly group: string },
  connectors: Connectors,
  errors: FieldError[],
): HealthCheck | undefined {
  const own = of.services?.healthCheck
  const overrides = own?.overrideConfiguration === true
  const service = overrides ? own : group.services?.healthCheck
  if (!isOn(service)) return undefined
  const field = `${overrides ? at.endpoint : at.group}/services/healthCheck`
  const called = overrides ? `Endpoint ${endpoint.name}` : `Group ${group.name}`
  if (service.type !== undefined && service.type !== TYPE) {
    errors.push({ field: `${field}/type`, message: `${called}: a health check of the type ${service.type} is not done here`, remedy: `Use the type ${TYPE}.` }) // prettier-ignore
    return undefined
  }
  const before = errors.length
  const settings = checkedConfiguration<HealthCheckConfiguration>(
    HealthCheckConfiguration,
    service.configuration ?? {},
    `${field}/configuration`,
    called,
    errors,
  )
  if (settings === undefined) return undefined
  const schedule = readCron(settings.schedule)
  if (typeof schedule === 'string')
    errors.push({ field: `${field}/configuration/schedule`, message: `${called}: the schedule ${schedule}`, remedy: 'Give one such as */30 * * * * *, which is every 30 seconds.' }) // prettier-ignore
  const assertion = assertionOf(settings.assertion ?? STANDARD_ASSERTION, `${field}/configuration/assertion`, called, errors) // prettier-ignore
  const headers = requestHeaderTemplates(settings.headers ?? [], `${field}/configuration/headers`, called, errors)
  const address = addressOf(endpoint, settings)
  if (address === undefined)
    errors.push({ field: `${field}/configuration/target`, message: `${called}: ${settings.target} is neither a path nor an http address`, remedy: 'Give a path such as /health.' }) // prettier-ignore
  if (errors.length > before || typeof schedule === 'string' || assertion === undefined || address === undefined)
    return undefined
  // A target elsewhere is no business of the endpoint's own connections.
  const elsewhere =
    address.origin === endpoint.origin
      ? undefined
      : new Pool(address.origin, { connections: 1, connect: connectors(endpoint.connectTimeout) })
  const { method = 'GET', body, successThreshold = 2, failureThreshold = 2 } = settings
  return {
    schedule,
    successThreshold,
    failureThreshold,
    look: () => look({ endpoint, pool: elsewhere ?? endpoint.pool, address, method, body, headers, assertion }),
    close: async () => void (await elsewhere?.close()),
  }
}

/** A service that stands in a Gravitee definition is on unless it says that it is off. */
function isOn(service: Service | undefined): service is Service {
  return service !== undefined && service !== null && service.enabled !== false
}

const STANDARD_ASSERTION = '{#response.status == 200}'

function assertionOf(text: string, field: string, of: string, errors: FieldError[]): Condition | undefined {
  try {
    return parseCondition(text)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    errors.push({ field, message: `${of}: the assertion cannot be read. ${error.message}`, remedy: 'Correct the expression.' }) // prettier-ignore
    return undefined
  }
}

/** A path takes the place of the target's own, or follows it; an address counts as it is. */
function addressOf(
  { origin, basePath }: HttpEndpoint,
  { target, overrideEndpointPath = true }: HealthCheckConfiguration,
): URL | undefined {
  if (/^https?:\/\//.test(target)) return URL.canParse(target) ? new URL(target) : undefined
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const path = target.startsWith('/') ? target : `/${target}`
  return new URL(origin + (overrideEndpointPath ? path : basePath + path))
}

interface Looking {
  readonly endpoint: HttpEndpoint
  readonly pool: Dispatcher
  readonly address: URL
  readonly method: string
  readonly body: string | undefined
  readonly headers: readonly HeaderTemplate[]
  readonly assertion: Condition
}

async function look({ endpoint, pool, address, method, body, headers, assertion }: Looking): Promise<Look> {
  const started = performance.now()
  const after = () => `after ${Math.round(performance.now() - started)} ms`
  try {
    const answer = await pool.request({
      origin: address.origin,
      path: address.pathname + address.search,
      method: method as Dispatcher.HttpMethod, // one of the schema
      headers: requestHeaders(headers, address.host),
      body: body === undefined || body === '' ? null : body,
      signal: AbortSignal.timeout(endpoint.connectTimeout + endpoint.readTimeout),
    })
    const content = await beginningOf(answer.body)
    const { statusCode: status } = answer
    return assertion.holds(responseContext(status, answer.headers, content))
      ? { ok: true, status, sentence: `${status} ${after()}, as expected` }
      : { ok: false, status, sentence: `${status} ${after()}, for which the assertion does not hold` }
  } catch (error) {
    // Without an answer there is nothing to assert: an expression that would hold all the same proves nothing.
    if (error instanceof UnwritableHeader) return { ok: false, sentence: error.message }
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    return {
      ok: false,
      sentence: timedOut ? `No answer ${after()}` : upstreamFault(error, endpoint).sentence,
    }
  }
}

function requestHeaders(templates: readonly HeaderTemplate[], host: string): string[] {
  const own = templates.flatMap(({ name, value }) => [
    name,
    writableValue(
      name,
      render(value, () => NOTHING),
    ),
  ])
  const names = new Set(templates.map(({ name }) => name))
  return [
    ...(names.has('host') ? [] : ['host', host]),
    ...(names.has('user-agent') ? [] : ['user-agent', 'gatehouse']),
    ...own,
  ]
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MOST_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES)
}

/** There is no request of an API to look at. */
const NOTHING: ExpressionContext = { valueOf: () => null }
