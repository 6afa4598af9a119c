import type { Evidence } from '@shared/traffic'

/** Why a token is not taken, for a person; the caller is never told. */
export interface Flaw {
  readonly reason: string
  readonly evidence: readonly Evidence[]
  /** Whether another token would be no better: the policy and the authorization server do not agree. */
  readonly ofEveryToken?: true
}

/** A key that tokens of the policy's one algorithm may be signed with. */
export interface VerifyingKey {
  /** For people: its kid, or what it is. */
  readonly called: string
  verify(signingInput: string, signature: string): boolean
}

export type FoundKeys =
  /** One of them must have signed. */
  | { readonly keys: readonly VerifyingKey[] }
  | { readonly flaw: Flaw }
  /** Nobody can say now: the key set cannot be read. */
  | { readonly fault: Flaw }

/** What is read of a token before its signature is checked: good for choosing a key, and for nothing else. */
export interface Unverified {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

export interface KeySource {
  find(token: Unverified): FoundKeys | Promise<FoundKeys>
  /** Whether a key that signed a token before would be found for it still. */
  holds(key: VerifyingKey, token: Unverified): boolean
}

export const textMember = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
