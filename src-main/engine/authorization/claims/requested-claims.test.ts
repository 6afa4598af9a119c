import { describe, expect, it } from 'vitest'
import type { RequestedClaims } from '../grants/user-grant'
import { otherSubject, requestedClaimNames, unmetAcr } from './requested-claims'

const keyOf = (claims: RequestedClaims) => (otherSubject(claims, 'user-1') ?? unmetAcr(claims, 'urn:loa:1'))?.key

describe('the parameter claims (OpenID Connect Core §5.5.1)', () => {
  it('asks in vain for a user who is not the one logged in', () => {
    expect(keyOf({ id_token: { sub: { value: 'user-2' } } })).toBe('CLAIMS_OTHER_SUBJECT')
    expect(keyOf({ userinfo: { sub: { values: ['user-2', 'user-3'] } } })).toBe('CLAIMS_OTHER_SUBJECT')
    expect(keyOf({ id_token: { sub: { value: 'user-1' } }, userinfo: { sub: null } })).toBeUndefined()
    expect(keyOf({ id_token: { sub: { values: ['user-2', 'user-1'] } } })).toBeUndefined()
  })

  it('demands an acr only when it is essential and names values (§5.5.1.1)', () => {
    expect(keyOf({ id_token: { acr: { essential: true, values: ['urn:loa:2'] } } })).toBe('CLAIMS_ACR_NOT_MET')
    expect(keyOf({ id_token: { acr: { essential: true, values: ['urn:loa:2', 'urn:loa:1'] } } })).toBeUndefined()
    expect(keyOf({ id_token: { acr: { values: ['urn:loa:2'] } } })).toBeUndefined()
    expect(keyOf({ id_token: { acr: { essential: true } } })).toBeUndefined()
    expect(keyOf({ userinfo: { acr: { essential: true, value: 'urn:loa:2' } } })).toBe('CLAIMS_ACR_NOT_MET')
  })

  it('asks for other values without being refused, and names each claim of the user once', () => {
    const claims = {
      id_token: { name: { value: 'Bob' }, email: null, acr: null, sub: null },
      userinfo: { email: { essential: true } },
    }
    expect(keyOf(claims)).toBeUndefined()
    expect(requestedClaimNames(claims)).toEqual(['name', 'email'])
  })
})
