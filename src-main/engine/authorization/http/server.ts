import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { codeOf } from '@shared/error-code'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { carriesTraceKey, givenTransactionId } from '../../call-identity'
import { targetPath } from '../../target-path'
import type { AuthorizationOptions } from '../authorization'
import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import { createCallReport, type CallReport } from './call-report'
import { foreignOrigin, isPreflight, shareAnswer, sharePreflight } from './cross-origin'
import { answerOf, type Answer, type Call, type Endpoint } from './endpoint'
import { NO_PARAMETERS, readBody, readParameters, type Parameters } from './form'
import { faultOf, malformed, OAuthRefusal } from './oauth-refusal'

/** Bytes of a request body: 64 KiB. */
const BODY_LIMIT = 64 * 1024
/** Bytes of a refused body that are read on, so that a client that is still sending gets to read why. */
const DISCARD_LIMIT = 8 * 1024 * 1024
const FORM_TYPE = 'application/x-www-form-urlencoded'
/** Parameters of these endpoints that have no place in an address, where logs and histories keep them (RFC 6749 §2.3.1). */
const BODY_ONLY = [
  'client_id',
  'client_secret',
  'client_assertion',
  'grant_type',
  'scope',
  'token',
  'access_token',
  'refresh_token',
  'code',
  'code_verifier',
  'username',
  'password',
]

export interface AuthorizationServer {
  readonly requestListener: RequestListener
  close(): Promise<void>
}

/**
 * Routes requests to the endpoints and writes their answers. Answers are written to the raw response: Fastify writes header names in
 * lower case, and Access Management's stand in capitals.
 */
export async function createAuthorizationServer(
  endpoints: readonly Endpoint[],
  running: () => CompiledDomains,
  { address, publicAddress, onRecord, traceKey, tracesAll }: Omit<AuthorizationOptions, 'state'>,
): Promise<AuthorizationServer> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    // Addresses that cannot be decoded never reach a route.
    frameworkErrors: (error, request, reply) => void refuse(undefined, error, request, reply),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addContentTypeParser('*', (_request, _payload, done) => done(wrongContentType()))

  const patterns = endpoints.flatMap((endpoint) => endpoint.paths.map((path) => ({ path: patternOf(path), endpoint })))
  for (const endpoint of endpoints) {
    for (const url of endpoint.paths) {
      app.route<{ Params: { domainPath: string }; Body: Buffer | undefined }>({
        method: [...endpoint.methods],
        exposeHeadRoute: endpoint.actsOnGet !== true,
        url,
        errorHandler: (error, request, reply) => void refuse(endpoint, error, request, reply),
        handler: (request, reply) => serve(endpoint, request, reply),
      })
      app.route<{ Params: { domainPath: string } }>({
        method: 'OPTIONS',
        url,
        errorHandler: (error, request, reply) => void refuse(endpoint, error, request, reply),
        handler: (request, reply) => tellOptions(endpoint, request, reply),
      })
    }
  }
  app.setNotFoundHandler((request, reply) => {
    const path = targetPath(request.raw.url)
    const endpoint = patterns.find((pattern) => pattern.path.test(path))?.endpoint
    if (endpoint === undefined) return void refuse(undefined, unknownAddress(path), request, reply)
    refuse(endpoint, wrongMethod(request.method, endpoint), request, reply)
  })
  await app.ready()

  async function serve(
    endpoint: Endpoint,
    request: FastifyRequest<{ Params: { domainPath: string }; Body: Buffer | undefined }>,
    reply: FastifyReply,
  ): Promise<void> {
    reply.hijack()
    const report = reportOf(endpoint, request)
    const domains = running()
    let domain: CompiledDomain | undefined
    try {
      domain = findDomain(domains, request.params.domainPath)
      const parameters = readCall(endpoint, request)
      const [flaw] = parameters.flaws
      if (flaw !== undefined && endpoint.judgesFlaws === undefined) throw flaw
      report.admitted()
      const origin = originOf(publicAddress() ?? address())
      const answer = await endpoint.handle({
        domain,
        domains,
        method: request.method as Call['method'], // the route is for these alone
        headers: request.headers,
        authorization: request.headers.authorization,
        ...parameters,
        origin,
        issuer: `${origin}/${domain.snapshot.path}/oidc`,
        remoteAddress: (request.raw.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
        now: Date.now(),
        report,
      })
      write(endpoint, request, reply, report, answer, domain)
    } catch (error) {
      writeRefusal(endpoint, request, reply, report, toRefusal(error), domain)
    }
  }

  /** What the endpoint takes (RFC 9110 §9.3.7), and what a page of another origin may send it. */
  function tellOptions(
    endpoint: Endpoint,
    request: FastifyRequest<{ Params: { domainPath: string } }>,
    reply: FastifyReply,
  ): void {
    reply.hijack()
    const report = reportOf(endpoint, request)
    const allow = { Allow: [...allowedMethods(endpoint), 'OPTIONS'].join(', ') }
    let domain: CompiledDomain | undefined
    try {
      if (endpoint.readers === undefined || !isPreflight(request.headers)) {
        return write(undefined, request, reply, report, { status: 204, headers: allow, body: '' }, domain)
      }
      domain = findDomain(running(), request.params.domainPath)
      const shared = sharePreflight(endpoint.readers, request.headers, domain, allowedMethods(endpoint))
      write(undefined, request, reply, report, { status: 204, headers: { ...allow, ...shared }, body: '' }, domain)
    } catch (error) {
      writeRefusal(endpoint, request, reply, report, toRefusal(error), domain)
    }
  }

  /** Ends a request that did not get to its endpoint. */
  function refuse(endpoint: Endpoint | undefined, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const domain = running().get(domainPathOf(request) ?? '')
    const known = domain?.snapshot.enabled === true ? domain : undefined
    writeRefusal(endpoint, request, reply, reportOf(endpoint, request), toRefusal(error), known)
  }

  function reportOf(endpoint: Endpoint | undefined, request: FastifyRequest): CallReport {
    const domainPath = domainPathOf(request)
    const own = carriesTraceKey(request.headers, traceKey)
    return createCallReport({
      // Only the console names its records: another caller could give its own the id of somebody else's.
      id: (own ? givenTransactionId(request.headers) : undefined) ?? randomUUID(),
      at: Date.now(),
      started: performance.now(),
      method: request.method,
      path: targetPath(request.raw.url),
      stations: endpoint?.stations ?? [],
      traced: own || tracesAll(),
      ...(endpoint === undefined ? {} : { endpoint: endpoint.name }),
      ...(domainPath === undefined ? {} : { domainPath: domainPath.slice(0, 64) }),
    })
  }

  function writeRefusal(
    endpoint: Endpoint | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    report: CallReport,
    refusal: OAuthRefusal,
    domain: CompiledDomain | undefined,
  ): void {
    const { status, error, description, headers } = refusal
    const told =
      endpoint?.answerRefusal?.(refusal, { domain, method: request.method, headers: request.headers }) ??
      answerOf({ error, error_description: description }, status, headers)
    write(endpoint, request, reply, report, { ...told, refusal }, domain)
  }

  /** @param endpoint the one whose answer it is; undefined for what it does not answer itself */
  function write(
    endpoint: Endpoint | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    report: CallReport,
    { status, headers: own, body, refusal }: Answer,
    domain: CompiledDomain | undefined,
  ): void {
    if (!reply.sent) reply.hijack()
    const response: ServerResponse = reply.raw
    if (response.destroyed) return onRecord(report.finish(0))
    const headers = { ...own, ...share(endpoint, request, report, domain) }
    response.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) })
    response.end(body)
    if (!request.raw.complete) discardBody(request.raw)
    onRecord(report.finish(status, refusal))
  }

  /** The headers for a page of another origin, and a word in the record when it will not get to read the answer. */
  function share(
    endpoint: Endpoint | undefined,
    { headers }: FastifyRequest,
    report: CallReport,
    domain: CompiledDomain | undefined,
  ): Answer['headers'] {
    if (endpoint?.readers === undefined) return {}
    const origin = foreignOrigin(headers, [publicAddress(), address()])
    const sharing = shareAnswer(endpoint.readers, origin, domain, report.clientId())
    if (sharing.withheld !== undefined) report.withheld(sharing.withheld)
    return sharing.headers
  }

  return {
    requestListener: (request, response) => app.routing(request, response),
    close: () => app.close(),
  }
}

type CallRequest = FastifyRequest<{ Body: Buffer | undefined }>

function readCall(endpoint: Endpoint, request: CallRequest): Parameters {
  if (endpoint.parameters === 'none') return NO_PARAMETERS
  if (endpoint.parameters === 'body') refuseMisplaced(queryOf(request.raw))
  if (request.method !== 'POST') {
    if (endpoint.parameters === 'body') return NO_PARAMETERS
    return readParameters(queryOf(request.raw), endpoint.repeatable)
  }
  if (request.body === undefined) {
    if (endpoint.bodyOptional === true) return NO_PARAMETERS
    throw wrongContentType()
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw malformed('BODY_COMPRESSED', 'The body must not be compressed (Content-Encoding)')
  }
  return readBody(request.body, endpoint.repeatable)
}

function refuseMisplaced(query: string): void {
  const parameters = query === '' ? undefined : new URLSearchParams(query)
  const misplaced = BODY_ONLY.find((name) => parameters?.has(name))
  if (misplaced === undefined) return
  throw malformed('PARAMETER_IN_ADDRESS', `The parameter ${misplaced} belongs in the body, not in the address`, {
    source: 'RFC 6749 §2.3.1, §3.2',
  })
}

function domainPathOf({ params }: FastifyRequest): string | undefined {
  return ((params ?? {}) as { domainPath?: string }).domainPath // ours: the only parameter of any route
}

/** A disabled domain is as good as none to a caller, as with Access Management, where it is not deployed. */
function findDomain(domains: CompiledDomains, path: string): CompiledDomain {
  const domain = domains.get(path)
  if (domain?.snapshot.enabled === true) return domain
  const shown = path.slice(0, 64)
  throw new OAuthRefusal(404, 'not_found', 'There is no such security domain at this server', {
    key: domain === undefined ? 'DOMAIN_UNKNOWN' : 'DOMAIN_DISABLED',
    sentence:
      domain === undefined ? `There is no domain with the path ${shown}` : `Domain ${domain.snapshot.name} is disabled`,
    evidence: [
      { label: 'Path asked for', value: shown },
      { label: 'Domains', value: [...domains.keys()].join(', ').slice(0, 512) || 'none' },
    ],
  })
}

function originOf(address: string | undefined): string {
  if (address === undefined) throw new Error('A request came before the address was known')
  return address
}

function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replaceAll('.', '\\.').replace(':domainPath', '[^/]+')}$`)
}

function queryOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? '' : url.slice(query + 1)
}

function wrongContentType(): OAuthRefusal {
  return malformed('CONTENT_TYPE_WRONG', `The body must be sent as Content-Type: ${FORM_TYPE}`, {
    source: 'RFC 6749 §4.4.2',
  })
}

function allowedMethods({ methods, actsOnGet }: Endpoint): readonly string[] {
  return methods.flatMap((method) => (method === 'GET' && actsOnGet !== true ? ['GET', 'HEAD'] : [method]))
}

function wrongMethod(method: string, endpoint: Endpoint): OAuthRefusal {
  const wanted = endpoint.methods.join(' and ')
  const description = `This endpoint takes ${wanted} only`
  const reason = {
    key: 'METHOD_NOT_ALLOWED',
    sentence: `${method} was used where only ${wanted} is served`,
    source: 'RFC 9110 §15.5.6',
  }
  const allowed = [...allowedMethods(endpoint), 'OPTIONS'].join(', ')
  return new OAuthRefusal(405, 'method_not_allowed', description, reason, { Allow: allowed })
}

function unknownAddress(path: string): OAuthRefusal {
  return new OAuthRefusal(404, 'not_found', 'There is no endpoint at this address', {
    key: 'ADDRESS_UNKNOWN',
    sentence: `There is no endpoint at ${path.slice(0, 128)}`,
  })
}

/** What Fastify refuses by itself, and what is a fault of ours: that one is told without its message, which may quote input. */
function toRefusal(error: unknown): OAuthRefusal {
  if (error instanceof OAuthRefusal) return error
  const code = codeOf(error)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return malformed('BODY_TOO_LARGE', 'The body is larger than 64 KiB', { source: 'RFC 9110 §15.5.14' }, 413)
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return wrongContentType()
  // A first segment that is longer than any domain's path.
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return unknownAddress('such a long path')
  if (code === 'FST_ERR_BAD_URL') {
    return malformed('ADDRESS_BROKEN', 'The percent-encoding of the address is broken', { source: 'RFC 3986 §2.1' })
  }
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH' || code === 'ECONNRESET') {
    return malformed('BODY_CUT_SHORT', 'The body ended before its announced length', { source: 'RFC 9112 §8' })
  }
  return faultOf(error)
}

function discardBody(request: IncomingMessage): void {
  let left = DISCARD_LIMIT
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
}
