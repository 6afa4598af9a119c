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

/** Seconds left, for a countdown: 1:59:58, 4:05, 9 s. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (number: number) => String(number).padStart(2, '0')
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds >= 60 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}` : `${seconds} s`
}
