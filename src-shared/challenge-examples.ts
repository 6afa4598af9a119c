import type { ChallengeStyle } from './api-definition'

/** What a caller is answered when it brings no token, and when its token lacks the scope `read`. */
export interface ChallengeExample {
  readonly style: ChallengeStyle
  /** Status and `WWW-Authenticate` of each refusal. */
  readonly withoutToken: { readonly status: number; readonly challenge: string }
  readonly withoutScope: { readonly status: number; readonly challenge: string }
}

/** The answers of the OAuth2 policy in each challenge style, for people who choose one. The engine's tests prove them. */
export const challengeExamples: readonly ChallengeExample[] = [
  {
    style: 'quickstart',
    withoutToken: { status: 401, challenge: 'Bearer realm=gravitee.io - No OAuth authorization header was supplied' },
    withoutScope: {
      status: 401,
      challenge: 'Bearer realm=gravitee.io - The request requires higher privileges than provided by the access token.',
    },
  },
  {
    style: 'rfc6750',
    withoutToken: { status: 401, challenge: 'Bearer realm="gravitee.io"' },
    withoutScope: {
      status: 403,
      challenge:
        'Bearer realm="gravitee.io", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token.", scope="read"',
    },
  },
  {
    style: 'terse',
    withoutToken: { status: 401, challenge: 'Bearer realm="gravitee.io"' },
    withoutScope: { status: 401, challenge: 'Bearer realm="gravitee.io"' },
  },
]
