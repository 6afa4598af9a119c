import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { HeaderList } from '@shared/console'
import type { ClientAuthenticationMethod } from '@shared/domain'

/** How a request of an application says who it is and proves it. */
export interface ClientProof {
  readonly headers: HeaderList
  readonly form: Readonly<Record<string, string>>
}

/** Seconds that an assertion is good for: it is sent at once. */
const ASSERTION_SECONDS = 60

/**
 * Proves who an application is by its secret, in the first of the ways that it may use (RFC 6749 §2.3.1, RFC 7523 §2.2). Undefined
 * when none of them uses a secret.
 *
 * @param issuer of the domain, the audience of an assertion
 */
export async function clientProof(
  methods: readonly ClientAuthenticationMethod[],
  {
    clientId,
    clientSecret,
    issuer,
  }: { readonly clientId: string; readonly clientSecret: string; readonly issuer: string },
): Promise<ClientProof | undefined> {
  switch (methods.find((method) => method.startsWith('client_secret'))) {
    case 'client_secret_basic':
      return { headers: [{ name: 'Authorization', value: basic(clientId, clientSecret) }], form: {} }
    case 'client_secret_post':
      return { headers: [], form: { client_id: clientId, client_secret: clientSecret } }
    case 'client_secret_jwt': {
      const assertion = await new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(issuer)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${ASSERTION_SECONDS} s`)
        .sign(Buffer.from(clientSecret))
      const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
      return { headers: [], form: { client_assertion_type, client_assertion: assertion } }
    }
    default:
      return undefined
  }
}

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}
