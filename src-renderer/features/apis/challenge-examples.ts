import type { ChallengeStyle } from '@shared/api-definition'

/** The three challenges as a caller without a token gets them. */
export const challengeExamples: readonly {
  readonly style: ChallengeStyle
  readonly label: string
  readonly text: string
  readonly wire: string
}[] = [
  {
    style: 'quickstart',
    label: 'Quick start',
    text: 'The words of Gravitee’s walk-through. Strict clients cannot parse it.',
    wire: 'WWW-Authenticate: Bearer realm=gravitee.io - No OAuth authorization header was supplied',
  },
  {
    style: 'rfc6750',
    label: 'RFC 6750',
    text: 'What the standard asks for; every client can read it.',
    wire: 'WWW-Authenticate: Bearer realm="gravitee.io"',
  },
  {
    style: 'terse',
    label: 'Terse',
    text: 'As Gravitee answers today: nothing but the realm, and the message Unauthorized.',
    wire: 'WWW-Authenticate: Bearer realm="gravitee.io"',
  },
]
