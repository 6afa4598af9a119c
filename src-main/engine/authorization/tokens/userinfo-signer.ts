import { neededKey, type SigningAlgorithm } from '@shared/signing-key'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import { OAuthRefusal } from '../http/oauth-refusal'
import { clientSecretSigner, isMac } from './id-token-signer'
import type { JwtSigner } from './sign-jwt'

/**
 * What signs the userinfo answers that an application wants with an algorithm (OpenID Connect Core §5.3.2): the active key pair of that
 * algorithm, or the client's own secret (§10.1). No other one stands in: the application takes no other algorithm.
 *
 * @param now milliseconds since the epoch
 * @throws OAuthRefusal 500 `server_error`
 */
export function requireUserinfoSigner(
  domain: CompiledDomain,
  application: CompiledApplication,
  algorithm: SigningAlgorithm,
  now: number,
): JwtSigner {
  const signer = isMac(algorithm) ? clientSecretSigner(application, algorithm, now) : domain.signingKeys.get(algorithm)
  if (signer !== undefined) return signer
  const { name, clientId } = application.snapshot
  const { path: domainPath, name: domainName } = domain.snapshot
  throw new OAuthRefusal(500, 'server_error', `This server has no key to sign the answer with ${algorithm}`, {
    key: 'USERINFO_KEY_MISSING',
    sentence: isMac(algorithm)
      ? `Application ${name} wants userinfo signed with ${algorithm}, which needs ${neededKey(algorithm)}, and has none: rotate its secret, or choose another algorithm`
      : `Application ${name} wants userinfo signed with ${algorithm}, and no key of domain ${domainName} is active for it`,
    source: 'OpenID Connect Core §5.3.2',
    evidence: [{ label: 'Algorithms of the active keys', value: [...domain.signingKeys.keys()].join(', ') }],
    remedies: [
      ...(isMac(algorithm) ? [] : [{ action: 'open-keys', label: `Add a key for ${algorithm}`, domainPath } as const]),
      {
        action: 'open-application',
        label: isMac(algorithm) ? `Renew the secret of ${name}` : `Choose another algorithm for ${name}`,
        domainPath,
        clientId,
      },
    ],
  })
}
