import type { IncomingHttpHeaders } from 'node:http'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import { OAuthRefusal, type Reason } from './oauth-refusal'

/** Which pages of other origins may read an endpoint's answers (Fetch Standard §3.3): all, or those that the application names. */
export type Readers = 'all' | 'of-application'

/** What browsers are told, and why one will keep the answer from its page. */
export interface Sharing {
  readonly headers: Readonly<Record<string, string>>
  readonly withheld?: Reason
}

/** Seconds that a browser may keep the answer to a preflight. An origin that is taken away is refused at the actual answer all the same. */
const PREFLIGHT_SECONDS = '600'
/** Lists of header names, as browsers send them. */
const HEADER_LIST = /^[\w!#$%&'*+.^`|~, -]{1,1024}$/
const SOURCE = 'Fetch Standard §3.3 (CORS protocol)'

/**
 * The origin of the page that asks, unless it is of the same origin or nothing is known of it: a browser withholds nothing then.
 *
 * @param own where this server is reached
 */
export function foreignOrigin(headers: IncomingHttpHeaders, own: readonly (string | undefined)[]): string | undefined {
  const { origin } = headers
  // A proxy before a page's own origin passes the header on: to the browser that is the same origin.
  return own.includes(origin) || headers['sec-fetch-site'] === 'same-origin' ? undefined : origin
}

/** Whether the request asks what a page may send, and sends nothing itself. */
export function isPreflight(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/**
 * For an actual answer. Without a client that the request names, any application of the domain speaks for the origin: what is
 * answered then is an error that tells nothing.
 */
export function shareAnswer(
  readers: Readers,
  origin: string | undefined,
  domain: CompiledDomain | undefined,
  clientId: string | undefined,
): Sharing {
  if (readers === 'all') return { headers: { 'Access-Control-Allow-Origin': '*' } }
  if (origin === undefined) return { headers: {} }
  const application = clientId === undefined ? undefined : domain?.applications.get(clientId)
  const allowed = clientId === undefined ? isAllowedBySome(domain, origin) : isAllowedBy(application, origin)
  if (!allowed) {
    const withheld = domain && application && notAllowedBy(domain, application, origin)
    return { headers: { Vary: 'Origin' }, ...(withheld === undefined ? {} : { withheld }) }
  }
  return { headers: { ...allowing(origin), 'Access-Control-Expose-Headers': 'WWW-Authenticate' } }
}

/**
 * For a preflight, which names no application: one that allows the origin is enough.
 *
 * @throws OAuthRefusal 403 `access_denied`
 */
export function sharePreflight(
  readers: Readers,
  headers: IncomingHttpHeaders,
  domain: CompiledDomain,
  methods: readonly string[],
): Readonly<Record<string, string>> {
  const { origin = '', 'access-control-request-headers': wanted = '' } = headers
  if (readers === 'of-application' && !isAllowedBySome(domain, origin)) throw notAllowedByAny(domain, origin)
  return {
    ...(readers === 'all' ? { 'Access-Control-Allow-Origin': '*' } : allowing(origin)),
    'Access-Control-Allow-Methods': methods.join(', '),
    // A page of an origin that is allowed may send what it likes: endpoints read what they know and no more.
    ...(HEADER_LIST.test(wanted) ? { 'Access-Control-Allow-Headers': wanted } : {}),
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  }
}

/** Never `Access-Control-Allow-Credentials`: no endpoint that pages call looks at cookies. */
function allowing(origin: string): Readonly<Record<string, string>> {
  return { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' }
}

function isAllowedBySome(domain: CompiledDomain | undefined, origin: string): boolean {
  return [...(domain?.applications.values() ?? [])].some((application) => isAllowedBy(application, origin))
}

function isAllowedBy(application: CompiledApplication | undefined, origin: string): boolean {
  return application?.snapshot.enabled === true && application.snapshot.allowedOrigins.includes(origin)
}

function notAllowedBy(domain: CompiledDomain, { snapshot }: CompiledApplication, origin: string): Reason {
  const shown = origin.slice(0, 128)
  return {
    key: 'ORIGIN_NOT_ALLOWED',
    sentence: `The browser keeps the answer from the page, for origin ${shown} is not allowed by application ${snapshot.name}`,
    source: SOURCE,
    evidence: [
      { label: 'Origin of the page', value: shown },
      { label: 'Origins of the application', value: snapshot.allowedOrigins.join(', ').slice(0, 512) || 'none' },
    ],
    remedies: [openApplication(domain, snapshot)],
  }
}

function notAllowedByAny(domain: CompiledDomain, origin: string): OAuthRefusal {
  const shown = origin.slice(0, 128)
  const enabled = [...domain.applications.values()].map(({ snapshot }) => snapshot).filter((each) => each.enabled)
  const allowed = [...new Set(enabled.flatMap(({ allowedOrigins }) => allowedOrigins))]
  // The one that the page belongs to is not known: single pages are the likeliest.
  const pages = enabled.filter(({ type }) => type === 'browser')
  const likely =
    pages.length > 0 ? pages : enabled.filter(({ grantTypes }) => grantTypes.includes('authorization_code'))
  return new OAuthRefusal(403, 'access_denied', 'Pages of this origin may not call this endpoint', {
    key: 'ORIGIN_NOT_ALLOWED',
    sentence: `Origin ${shown} is not allowed by any application of domain ${domain.snapshot.name}, so the browser does not send the request of its page`,
    source: SOURCE,
    evidence: [
      { label: 'Origin of the page', value: shown },
      { label: 'Origins of the applications', value: allowed.join(', ').slice(0, 512) || 'none' },
    ],
    remedies: likely.slice(0, 3).map((application) => openApplication(domain, application)),
  })
}

function openApplication(domain: CompiledDomain, { name, clientId }: CompiledApplication['snapshot']) {
  return { action: 'open-application', label: `Open ${name}`, domainPath: domain.snapshot.path, clientId } as const
}
