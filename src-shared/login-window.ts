import type { MessageParameter } from './try-it'

/** One message of the front channel. Values of cookies and of forms are never told. */
export interface FrontChannelExchange {
  readonly kind: 'exchange'
  /** Id of the server's record of it. */
  readonly transactionId: string
  readonly method: string
  readonly address: string
  /** Names of the form's fields, where one was sent. */
  readonly fields: readonly string[]
  readonly status: number
  /** Where the answer sends the browser. */
  readonly location?: string
  /** Names of the cookies that were set, and of those that were removed. */
  readonly cookiesSet: readonly string[]
  readonly cookiesRemoved: readonly string[]
}

/** The authorization response: it was on its way to the application and went no further than here. */
export interface FrontChannelAnswer {
  readonly kind: 'answer'
  readonly method: 'GET' | 'POST'
  readonly by: 'query' | 'fragment' | 'form_post'
  /** Without the parameters of a POST, which stand in its body. */
  readonly address: string
  readonly parameters: readonly MessageParameter[]
}

/** How a login window ended: with the answer, by the person, or because a page did not load. */
export type LoginWindowEnd =
  | { readonly kind: 'closed'; readonly why: 'answered' | 'by-person' }
  | { readonly kind: 'closed'; readonly why: 'failed'; readonly reason: string }

/** What the window learns of the login window that it had opened. */
export type LoginWindowMessage = { readonly attemptId: string } & (
  | FrontChannelExchange
  | FrontChannelAnswer
  /** Something asked for an address that is neither of the server nor of the application; nothing was sent there. */
  | { readonly kind: 'blocked'; readonly address: string }
  | LoginWindowEnd
)
