import { request, type Dispatcher } from 'undici'
import { certificateFault } from '../../tls/certificate-fault'
import { unreachableReason } from '../../tls/unreachable-reason'

export interface RemoteText {
  /** Milliseconds. */
  readonly requestTimeout: number
  readonly followRedirects: boolean
  readonly accept: string
  /** Value of `Authorization`; goes to the first address alone. */
  readonly authorization?: string | undefined
  /** Ends the reading as a whole, redirects included. */
  readonly signal?: AbortSignal | undefined
  /** Bytes. */
  readonly largest: number
  /** What is read, to be told of when it is larger: `a key set`. */
  readonly what: string
}

const MOST_REDIRECTS = 5

class Unread extends Error {}

/** Reads the text at an address; rejects with what {@link unreadReason} puts into words. */
export async function readRemoteText(
  url: URL,
  dispatcher: Dispatcher,
  options: RemoteText,
  redirects = 0,
): Promise<string> {
  const { requestTimeout, followRedirects, accept, authorization, largest, what, signal } = options
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
    headersTimeout: requestTimeout,
    bodyTimeout: requestTimeout,
    ...(signal === undefined ? {} : { signal }),
  })
  const { location } = headers
  if (followRedirects && statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
    await body.dump()
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined
    if (redirects >= MOST_REDIRECTS || next === undefined || !/^https?:$/.test(next.protocol))
      throw new Unread('redirects to where nobody can go')
    const isSame = next.origin === url.origin
    return readRemoteText(next, dispatcher, isSame ? options : { ...options, authorization: undefined }, redirects + 1)
  }
  if (statusCode !== 200) {
    await body.dump()
    throw new Unread(`answered ${statusCode}`)
  }
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length
    if (size > largest) throw new Unread(`answered more than ${what} ever is`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Why nothing was read, to follow the name of the server. */
export function unreadReason(error: unknown): string {
  if (error instanceof Unread) return error.message
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'does not answer in time'
  const fault = certificateFault(error)
  if (fault !== undefined) return `shows a certificate that is not trusted: it ${fault.reason}`
  return unreachableReason(error)
}

/** Without what may be a secret in it. */
export const shownAddress = ({ origin, pathname }: URL) => origin + pathname
