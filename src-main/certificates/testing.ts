import { issueServerCertificate, makeAuthority } from './issue'
import type { Credentials } from './pem'

/** A server's credentials with the certificate of the authority that issued them, for tests. */
export interface TestCredentials extends Credentials {
  readonly authority: string
}

/** Credentials for this machine by an authority of their own. @param at milliseconds since the epoch, now unless another time is the point */
export async function testCredentials(
  names = ['localhost', '127.0.0.1', '::1'],
  at = Date.now(),
): Promise<TestCredentials> {
  const authority = await makeAuthority('test', at)
  return { ...(await issueServerCertificate(authority, names, at)), authority: authority.certificate }
}
