import type { FrontChannelAnswer, FrontChannelExchange } from '@shared/login-window'
import type { MessageParameter, TryItAnswer, TryItCheck, TryItExchange, TryItStart } from '@shared/try-it'

export type Station = 'Application' | 'Browser' | 'Authorization server'

/** What is shown of a message, whichever channel it took. */
export interface Message {
  /** Undefined where nothing is sent. */
  readonly line?: string
  readonly parameters?: readonly MessageParameter[]
  readonly facts?: readonly { readonly label: string; readonly value: string }[]
}

/** One step of a flow: who says what to whom, and what it means. */
export interface Step {
  readonly path: readonly Station[]
  readonly title: string
  readonly meaning: string
  readonly outcome: 'done' | 'refused'
  readonly message?: Message
  readonly checks?: readonly TryItCheck[]
  readonly exchange?: TryItExchange
  /** Id of the server's record, where the browser was the one to ask. */
  readonly transactionId?: string
}

/** What the application makes for itself before anything is sent. */
export function prepared({ state, nonce, codeVerifier, codeChallenge }: TryItStart): Step {
  const values = { code_verifier: codeVerifier, code_challenge: codeChallenge, state, ...(nonce ? { nonce } : {}) }
  return {
    path: ['Application'],
    title: 'The application prepares itself',
    meaning:
      'It makes values that nobody can guess, and keeps them for this one login. The verifier stays with it; the server gets only its hash, the challenge.',
    outcome: 'done',
    message: { parameters: Object.entries(values).map(([name, value]) => ({ name, value })) },
  }
}

export function pushed(exchange: TryItExchange): Step {
  return {
    path: ['Application', 'Authorization server'],
    title: exchange.succeeded ? 'The request is pushed' : 'The pushed request is refused',
    meaning: exchange.succeeded
      ? 'The application hands its request over by itself and proves who it is. The browser gets a reference only, so that nobody can read or change the request on the way.'
      : 'The server looked at the request before any browser came, and did not take it.',
    outcome: exchange.succeeded ? 'done' : 'refused',
    exchange,
  }
}

export function sentAway(address: string): Step {
  const { searchParams, origin, pathname } = new URL(address)
  return {
    path: ['Application', 'Browser'],
    title: 'The browser is sent to the authorization server',
    meaning:
      'What the application asks for stands in the address. It goes through the browser, the front channel: the person at it can see and change all of it, so it holds no secret.',
    outcome: 'done',
    message: { line: `GET ${origin}${pathname}`, parameters: parametersOf(searchParams) },
  }
}

export function ofBrowser(exchange: FrontChannelExchange): Step {
  const { method, address, status, location, fields, cookiesSet, cookiesRemoved, transactionId } = exchange
  const { pathname, origin, searchParams } = new URL(address)
  const facts = [
    { label: 'Fields of the form', value: fields.join(', ') },
    { label: 'Answered', value: String(status) },
    { label: 'Location', value: location ?? '' },
    { label: 'Cookies set', value: cookiesSet.join(', ') },
    { label: 'Cookies removed', value: cookiesRemoved.join(', ') },
  ]
  return {
    path: ['Browser', 'Authorization server', 'Browser'],
    ...told(exchange),
    outcome: status >= 400 ? 'refused' : 'done',
    message: {
      line: `${method} ${origin}${pathname}`,
      parameters: parametersOf(searchParams),
      facts: facts.filter(({ value }) => value !== ''),
    },
    transactionId,
  }
}

/** What a message of the browser is about, by the page that it asks for or sends. */
function told({ method, address, status, location }: FrontChannelExchange): Pick<Step, 'title' | 'meaning'> {
  const page = new URL(address).pathname.replace(/^\/[^/]+/, '')
  const isRedirect = location !== undefined
  if (status >= 400)
    return {
      title: 'The server shows why it cannot go on',
      meaning: 'It tells the person, since there is no address yet to which an answer could be trusted to go.',
    }
  if (page === '/login' && method === 'POST')
    return {
      title: isRedirect ? 'The user logs in' : 'The login is not taken',
      meaning: isRedirect
        ? 'Name and password go to the authorization server alone: the application never sees them. A cookie remembers the login.'
        : 'The page comes again and says why, in words that do not tell whether the user exists.',
    }
  if (page === '/login')
    return {
      title: 'The login page',
      meaning: 'The server asks who is there. The page is its own, whatever the application is.',
    }
  if (page === '/oauth/consent' && method === 'POST')
    return {
      title: 'The user decides',
      meaning: 'What was allowed is remembered, and asked for again only when something new is wanted.',
    }
  if (page === '/oauth/consent')
    return { title: 'The page for consent', meaning: 'The user sees which application wants what, and may refuse it.' }
  return {
    title: 'The server takes the request',
    meaning: 'It looks whether the application, the redirect address and what is asked for are as registered.',
  }
}

export function cameBack(response: FrontChannelAnswer, answer: TryItAnswer): Step {
  const { address, method, parameters, by } = response
  const [line = ''] = address.split(/[?#]/, 1)
  const how = { query: 'in the query', fragment: 'in the fragment', form_post: 'in a form' }[by]
  return {
    path: ['Authorization server', 'Browser', 'Application'],
    title: answer.code ? `A code comes back, ${how}` : 'The application gets no code',
    meaning: answer.code
      ? 'The code proves nothing by itself: it is changed for tokens over the back channel, together with the verifier. Here the way ended before the application’s address, which was not called.'
      : answer.error === undefined
        ? 'The answer is not to be believed, or holds no code, so the application stops here.'
        : `The server says ${answer.error}. The application is told no more than it needs; the reason stands with the step before.`,
    outcome: answer.code ? 'done' : 'refused',
    message: { line: `${method} ${line}`, parameters },
    checks: answer.checks,
  }
}

export function blocked(address: string): Step {
  return {
    path: ['Browser'],
    title: 'The login window was kept from another place',
    meaning: 'It goes to this workspace’s authorization server only, and an answer only to the redirect address.',
    outcome: 'refused',
    message: { line: address },
  }
}

export function redeemed(exchange: TryItExchange): Step {
  const hasIdToken = exchange.tokens.some(({ kind }) => kind === 'id_token')
  return backChannel(exchange, {
    title: 'The code is changed for tokens',
    failed: exchange.tokens.length > 0 ? 'The ID token is not to be believed' : 'The code is not changed for tokens',
    meaning: `The application proves who it is and shows the verifier, of which the server has the hash: who stole the code alone gets nothing.${
      hasIdToken ? ' The ID token tells who logged in, once it is validated.' : ''
    }`,
  })
}

export function refreshed(exchange: TryItExchange): Step {
  return backChannel(exchange, {
    title: 'New tokens without the user',
    failed: 'The refresh token gets no new tokens',
    meaning:
      'A refresh token gets new access tokens when the old one ends. Where it is rotated, each is good once: one that is used again takes the whole grant with it.',
  })
}

export function asked(exchange: TryItExchange): Step {
  return backChannel(exchange, {
    title: 'The application asks who the user is',
    failed: 'The application is not told who the user is',
    meaning: 'Userinfo tells what the granted scopes allow, to whoever has the access token.',
  })
}

export function revoked(exchange: TryItExchange): Step {
  const isGrant = exchange.request.parameters.some(({ value }) => value === 'refresh_token')
  return backChannel(exchange, {
    title: 'The tokens are taken back',
    failed: 'The tokens are not taken back',
    meaning: isGrant
      ? 'With the refresh token the whole grant ends, and every token of it.'
      : 'The access token is refused from now on, although its own time is not over.',
  })
}

export function gotByItself(exchange: TryItExchange): Step {
  return backChannel(exchange, {
    title: 'The application gets a token for itself',
    failed: 'The application gets no token',
    meaning:
      'No user and no browser: the application proves who it is, and the token speaks for the application itself.',
  })
}

function backChannel(
  exchange: TryItExchange,
  { title, failed, meaning }: { title: string; failed: string; meaning: string },
): Step {
  return {
    path: ['Application', 'Authorization server', 'Application'],
    title: exchange.succeeded ? title : failed,
    meaning,
    outcome: exchange.succeeded ? 'done' : 'refused',
    exchange,
    checks: exchange.checks,
  }
}

function parametersOf(all: URLSearchParams): MessageParameter[] {
  return [...all].map(([name, value]) => ({ name, value }))
}
