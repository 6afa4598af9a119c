import type { UserSnapshot } from '../../snapshot'
import type { CompiledApplication } from '../compiled-domain'
import type { Call } from '../http/endpoint'
import { OAuthRefusal, type Reason } from '../http/oauth-refusal'

/** `scope-token` of RFC 6749 §3.3, separated by single spaces or, kindly, by several. */
const SCOPE_LIST = /^ *[!#-[\]-~]+(?: +[!#-[\]-~]+)* *$/

/**
 * The scopes that the token gets: those asked for when the application may have them all, its defaults when none are asked for
 * (RFC 6749 §3.3).
 *
 * @throws OAuthRefusal 400 `invalid_scope`
 */
export function grantScopes(call: Call, application: CompiledApplication): readonly string[] {
  return chooseScopes(call.form.get('scope'), application, call)
}

/**
 * The same for a list that stands elsewhere than in the call.
 *
 * @param isLogin a user is asked for them: then those of `loginScopes` are free
 * @throws OAuthRefusal 400 `invalid_scope`
 */
export function chooseScopes(
  asked: string | undefined,
  application: CompiledApplication,
  { domain, report }: Pick<Call, 'domain'> & { readonly report: Pick<Call['report'], 'trace'> },
  isLogin = false,
): readonly string[] {
  const wanted = asked === undefined ? application.defaultScopes : parseScopes(asked)
  const isIgnored = (scope: string) => isLogin && scope === OFFLINE_ACCESS && !mayStay(application)
  const scopes = wanted.filter((scope) => !isIgnored(scope))
  const free = isLogin ? loginScopes(application) : []
  const denied = scopes.filter((scope) => !application.allowedScopes.has(scope) && !free.includes(scope))
  if (denied.length > 0) throw deniedScopes(domain.snapshot.path, application, denied)
  report.trace?.passed('Scopes', sentenceOf(asked, scopes), [
    { label: 'Asked for', value: asked?.slice(0, 512) ?? 'none' },
    { label: 'Granted', value: scopes.join(' ') || 'none' },
  ])
  return scopes
}

/** OpenID Connect Core §3.1.2.1: every application may ask for it. */
export const OPENID = 'openid'
/** OpenID Connect Core §11: it means a refresh token, and is ignored where the application may not use one. */
export const OFFLINE_ACCESS = 'offline_access'

/** The scopes that every application may ask a user for. */
export function loginScopes(application: CompiledApplication): readonly string[] {
  return mayStay(application) ? [OPENID, OFFLINE_ACCESS] : [OPENID]
}

function mayStay({ snapshot }: CompiledApplication): boolean {
  return snapshot.grantTypes.includes('refresh_token')
}

/**
 * What is left of the scopes that a user has granted: an application may have lost some since, and the user a role. A request may ask for
 * fewer of them, never for others (RFC 6749 §6).
 *
 * @throws OAuthRefusal 400 `invalid_scope`
 */
export function remainingScopes(
  call: Call,
  application: CompiledApplication,
  user: UserSnapshot,
  granted: readonly string[],
  asked?: string,
): readonly string[] {
  const free = [...loginScopes(application), ...roleScopes(application, user)]
  const mayHave = (scope: string) => free.includes(scope) || application.allowedScopes.has(scope)
  const wanted = asked === undefined ? granted : parseScopes(asked)
  const outside = wanted.filter((scope) => !granted.includes(scope))
  if (outside.length > 0) throw ungrantedScopes(application, outside, granted)
  const denied = wanted.filter((scope) => !mayHave(scope))
  if (asked !== undefined && denied.length > 0) throw deniedScopes(call.domain.snapshot.path, application, denied)
  const left = wanted.filter(mayHave)
  const lost = denied.length === 0 ? '' : `; no longer ${list(denied)}, which the application may not have any more`
  call.report.trace?.passed('Scopes', `${left.length === 0 ? 'None' : list(left)}, as the user has granted${lost}`, [
    { label: 'Asked for', value: asked?.slice(0, 512) ?? 'none' },
    { label: 'Granted by the user', value: granted.join(' ') || 'none' },
    { label: 'Granted', value: left.join(' ') || 'none' },
  ])
  return left
}

/** Where the application is set so, tokens get the scopes of the user's roles too. */
export function withRoleScopes(
  application: CompiledApplication,
  user: UserSnapshot,
  scopes: readonly string[],
): readonly string[] {
  return [...new Set([...scopes, ...roleScopes(application, user)])]
}

function roleScopes({ snapshot }: CompiledApplication, { scopes }: UserSnapshot): readonly string[] {
  return snapshot.enhanceScopesWithUserPermissions ? scopes : []
}

function parseScopes(list: string): readonly string[] {
  if (!SCOPE_LIST.test(list)) {
    const description = 'scope is a list of words of printable ASCII, separated by spaces'
    const reason = { key: 'SCOPE_MALFORMED', sentence: description, source: 'RFC 6749 §3.3' }
    throw new OAuthRefusal(400, 'invalid_scope', description, reason)
  }
  return [...new Set(list.split(' ').filter((scope) => scope !== ''))]
}

function deniedScopes(domainPath: string, application: CompiledApplication, denied: readonly string[]): OAuthRefusal {
  const { name, clientId } = application.snapshot
  const allowed = [...application.allowedScopes]
  const shown = list(denied)
  const reason: Reason = {
    key: 'SCOPE_NOT_ALLOWED',
    sentence: `Application ${name} may not have scope ${shown}; it has ${list(allowed)}`,
    source: 'RFC 6749 §3.3',
    evidence: [
      { label: 'Asked for but not allowed', value: denied.join(' ').slice(0, 512) },
      { label: 'Scopes of the application', value: allowed.join(' ') || 'none' },
    ],
    remedies: [
      {
        action: 'add-scopes',
        label: `Give ${name} the scope ${shown}`,
        domainPath,
        clientId,
        // What is longer than a scope may be cannot be added (and would swell the record).
        scopes: denied.filter((scope) => scope.length <= 128).slice(0, 20),
      },
    ],
  }
  return new OAuthRefusal(400, 'invalid_scope', `The client may not have the scope ${shown}`, reason)
}

function ungrantedScopes(
  { snapshot: { name } }: CompiledApplication,
  outside: readonly string[],
  granted: readonly string[],
): OAuthRefusal {
  const shown = list(outside)
  return new OAuthRefusal(400, 'invalid_scope', `The user did not grant the scope ${shown}`, {
    key: 'SCOPE_NOT_GRANTED',
    sentence: `Application ${name} asks for scope ${shown}, which the user did not grant: a new login may`,
    source: 'RFC 6749 §6',
    evidence: [
      { label: 'Asked for but not granted', value: outside.join(' ').slice(0, 512) },
      { label: 'Granted by the user', value: granted.join(' ') || 'none' },
    ],
  })
}

function list(scopes: readonly string[]): string {
  if (scopes.length === 0) return 'none'
  const shown = scopes.slice(0, 5).map((scope) => scope.slice(0, 64))
  return scopes.length > 5 ? `${shown.join(', ')} and ${scopes.length - 5} more` : shown.join(', ')
}

function sentenceOf(asked: string | undefined, scopes: readonly string[]): string {
  if (scopes.length === 0) return 'None asked for, and the application has no default scopes'
  return asked === undefined ? `None asked for: the defaults ${list(scopes)}` : `${list(scopes)}, as asked for`
}
