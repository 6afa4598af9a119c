/** What well-known claims and header members mean, in a few words. */
export const meanings: Readonly<Record<string, string>> = {
  iss: 'Issuer: who issued the token',
  sub: 'Subject: whom it speaks for',
  aud: 'Audience: whom it is meant for',
  exp: 'Not good after this time',
  nbf: 'Not good before this time',
  iat: 'Issued at',
  jti: 'The token’s own id; a revocation names it',
  scope: 'What it allows',
  scp: 'What it allows',
  client_id: 'The application that got it',
  azp: 'The application that got it',
  domain: 'The security domain that issued it',
  nonce: 'Ties an ID token to the request that asked for it',
  auth_time: 'When the user logged in',
  amr: 'How the user logged in',
  acr: 'How strong the login was',
  at_hash: 'Ties an ID token to the access token beside it',
  sid: 'The session at the authorization server',
  email: 'E-mail address of the user',
  name: 'Name of the user',
  preferred_username: 'What the user is called at this domain',
  roles: 'Roles of the user',
  groups: 'Groups of the user',
  alg: 'How it is signed',
  kid: 'Which key signed it',
  typ: 'What kind of token it is',
}

const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })

/** A claim's value for reading: times as times, text as it is. */
export function showClaim(name: string, value: unknown): string {
  if (['exp', 'nbf', 'iat', 'auth_time'].includes(name) && typeof value === 'number')
    return `${exact.format(value * 1000)} (${value})`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
