import type { TokenCustomClaim } from '@shared/domain'
import { reservedClaims } from '@shared/reserved-claims'
import type { ApplicationSnapshot, UserSnapshot } from '../../snapshot'
import { lookupIn, type ExpressionContext } from '../../expression/context'
import { EvaluationError } from '../../expression/evaluation-error'
import { ExpressionError } from '../../expression/expression-error'
import { parseTemplate, type Template } from '../../expression/template'
import { CLAIM_ROOTS } from '../../template-fault'
import type { CompiledApplication } from '../compiled-domain'
import type { UserGrant } from '../grants/user-grant'
import type { Claims } from './user-claims'

/** A claim that an application adds, with its expressions parsed. */
export interface CustomClaim {
  readonly name: string
  readonly evaluate: Template['evaluate']
}

/** Those that an application adds, by the kind of token. */
export type CustomClaims = Readonly<Record<TokenCustomClaim['tokenType'], readonly CustomClaim[]>>

/** What expressions of claims can look at. */
export interface ClaimSubject {
  /** Of the token. */
  readonly scopes: readonly string[]
  /** Undefined when the application acts for itself. */
  readonly user?: UserSnapshot
  readonly grant?: UserGrant
}

/** Says what is wrong with a claim: at which member, and what helps. */
export class ClaimRefusal extends Error {
  constructor(
    /** `/claimName` or `/claimValue`. */
    readonly field: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message)
  }
}

/** @throws ClaimRefusal */
export function compileClaim({ tokenType, claimName, claimValue }: TokenCustomClaim): CustomClaim {
  if (reservedClaims[tokenType].has(claimName)) {
    throw new ClaimRefusal('/claimName', `${claimName} is set by the server itself`, 'Give the claim another name.')
  }
  try {
    return { name: claimName, evaluate: parseTemplate(claimValue, CLAIM_ROOTS).evaluate }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const remedy = "Mend the expression, such as {#context.attributes['user'].email}."
    throw new ClaimRefusal('/claimValue', `${claimName}: ${error.reason} (character ${error.at + 1})`, remedy)
  }
}

/** The claims that the application adds to a token. What an expression does not find is left out. */
export function customClaimsOf(
  { snapshot, customClaims }: CompiledApplication,
  tokenType: TokenCustomClaim['tokenType'],
  subject: ClaimSubject,
): Claims {
  const claims = customClaims[tokenType]
  if (claims.length === 0) return NONE
  const context = contextOf(snapshot, subject)
  const found = claims.map(({ name, evaluate }) => [name, evaluated(evaluate, context)] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== null && value !== undefined))
}

const NONE: Claims = {}

/** A claim that comes to more than a request may cost is left out, like one that finds nothing. */
function evaluated(evaluate: Template['evaluate'], context: ExpressionContext): unknown {
  try {
    return evaluate(context)
  } catch (error) {
    if (error instanceof EvaluationError) return null
    throw error
  }
}

/** With the names that Access Management's expressions have: `client` and `user`, and `scopes` and `grant` beside them. */
function contextOf({ id, clientId, name, type }: ApplicationSnapshot, { scopes, user, grant }: ClaimSubject) {
  const attributes: Readonly<Record<string, unknown>> = {
    client: { id, clientId, name, type },
    user: user === undefined ? null : userMembers(user),
    scopes,
    grant: grant === undefined ? null : grantMembers(grant),
  }
  const looked = lookupIn(attributes)
  return { valueOf: (root) => (root === 'context' ? looked : null) } satisfies ExpressionContext
}

function userMembers({ id, username, claims, roles, groups }: UserSnapshot): Claims {
  const { given_name: firstName, family_name: lastName, name: displayName } = claims
  return { ...claims, firstName, lastName, displayName, additionalInformation: claims, id, username, roles, groups }
}

function grantMembers({ scopes, resources, authTime, amr, acr }: UserGrant): Claims {
  return { scopes, resources, authTime, amr, acr }
}
