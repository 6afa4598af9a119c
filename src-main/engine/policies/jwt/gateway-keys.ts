import { JWT_TYPE } from '../../authorization/tokens/sign-jwt'
import type { LocalAuthorization } from '../../resources/resource'
import type { JwtAlgorithm } from './given-key'
import { textMember, type Flaw, type KeySource, type Unverified, type VerifyingKey } from './key-source'

/**
 * The keys of this engine's domains, by issuer and kid. Where Gravitee's gateways have theirs in a file of their own, a workspace
 * has its domains.
 */
export function gatewayKeys(local: Pick<LocalAuthorization, 'keyOf'>, algorithm: JwtAlgorithm): KeySource {
  const known = new WeakMap<object, VerifyingKey>()

  function look({ header, claims }: Unverified): VerifyingKey | Flaw {
    const issuer = textMember(claims.iss)
    if (issuer === undefined) return { reason: 'It does not say who issued it (iss)', evidence: [] }
    const issued = { label: 'Issuer of the token', value: issuer.slice(0, 256) }
    const kid = textMember(header.kid)
    const found = local.keyOf(issuer, kid)
    if (found === undefined)
      return { reason: 'It was issued by somebody who is no domain of this workspace', evidence: [issued] }
    const { domainName, kids, key } = found
    if (key === undefined)
      return {
        reason: `It is signed by key ${kid?.slice(0, 64) ?? '(none)'}, which domain ${domainName} does not have, or not any more`,
        evidence: [issued, { label: 'Keys of the domain', value: kids.join(', ').slice(0, 512) }],
      }
    if (key.algorithm !== algorithm)
      return {
        reason: `Key ${key.kid} of domain ${domainName} signs with ${key.algorithm}, and the policy takes ${algorithm} alone`,
        evidence: [issued, { label: 'Key', value: key.kid }],
      }
    if (header.typ === JWT_TYPE)
      return { reason: 'It is an ID token or a signed userinfo answer, not an access token', evidence: [issued] }
    let verifyingKey = known.get(key)
    if (verifyingKey === undefined) {
      verifyingKey = { called: key.kid, verify: (input, signature) => key.verify(input, signature) }
      known.set(key, verifyingKey)
    }
    return verifyingKey
  }

  return {
    find(token) {
      const found = look(token)
      return 'verify' in found ? { keys: [found] } : { flaw: found }
    },
    holds: (key, token) => look(token) === key,
  }
}
