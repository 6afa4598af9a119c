import type { Answer, RefusedCall } from '../http/endpoint'
import type { OAuthRefusal } from '../http/oauth-refusal'
import { markup, type HtmlPart } from './html'
import { messagePage } from './message-page'
import { lookOf } from './page'

interface Message {
  readonly title: string
  readonly paragraphs: readonly HtmlPart[]
}

const START_AGAIN = 'Go back to the application that you came from, and start again there.'

/** Of what happens to users who did nothing wrong: by the key of the reason. */
const messages: Readonly<Record<string, Message>> = {
  LOGIN_WITHOUT_REQUEST: {
    title: 'Start at your application',
    paragraphs: [
      'This page is a step on the way into an application. Open the one that you want to use, and log in there.',
    ],
  },
  LOGIN_EXPIRED: {
    title: 'This page is too old',
    paragraphs: ['The login that it belongs to is over, or took too long.', START_AGAIN],
  },
  LOGIN_OF_ANOTHER_BROWSER: {
    title: 'Start again in this browser',
    paragraphs: [
      'The login was begun in another browser, or this one keeps no cookies.',
      START_AGAIN,
      'If you see this page again, allow cookies for this address.',
    ],
  },
  FORM_OF_ANOTHER_SITE: {
    title: 'This did not come from here',
    paragraphs: ['Another site tried to send this form for you. Nothing was done.', START_AGAIN],
  },
  DOMAIN_UNKNOWN: { title: 'There is nothing here', paragraphs: ['Check the address: no login is offered at it.'] },
  DOMAIN_DISABLED: { title: 'There is nothing here', paragraphs: ['Check the address: no login is offered at it.'] },
  POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED: {
    title: 'The way back is not known',
    paragraphs: [
      'The application wants to be returned to at an address that it did not register. So nobody was logged out.',
    ],
  },
  STATE_UNAVAILABLE: {
    title: 'Something went wrong here',
    paragraphs: ['The server cannot go on just now. Try again in a moment; if it stays so, tell whoever runs it.'],
  },
  INTERNAL: {
    title: 'Something went wrong here',
    paragraphs: ['The server met an unexpected condition. Try again; if it stays so, tell whoever runs it.'],
  },
}

const MISTAKE: Message = {
  title: 'This request cannot be answered',
  paragraphs: [
    'The application that sent you here made a mistake, or is not set up for it. Nothing you typed was wrong.',
  ],
}

/** Tells the user of a refusal that nobody else can be told. Of the request itself nothing is repeated. */
export function refusalPage(refusal: OAuthRefusal, { domain }: RefusedCall): Answer {
  const { status, error, description, reason, headers } = refusal
  const known = messages[reason.key]
  return messagePage({
    look: lookOf(domain),
    ...(known ?? MISTAKE),
    status,
    headers,
    facts:
      known === undefined
        ? [
            { label: 'What is wrong', value: description },
            { label: 'Error', value: markup`<code>${error}</code>` },
          ]
        : [],
  })
}
