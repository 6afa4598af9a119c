/**
 * The authentication context of a login by password (OpenID Connect Core §2): an absolute URI with a meaning that others know, from SAML 2.0
 * Authentication Context §3.4.9. Not that of a password over TLS, since a domain may be served without.
 */
export const PASSWORD_ACR = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password'

/** How a user logs in here; there is no other way. */
export const PASSWORD_LOGIN = { amr: ['pwd'], acr: PASSWORD_ACR } as const
