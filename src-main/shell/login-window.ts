import { randomUUID, X509Certificate } from 'node:crypto'
import {
  BrowserWindow,
  session as sessions,
  type OnHeadersReceivedListenerDetails,
  type Session,
  type UploadData,
  type WebContents,
} from 'electron'
import type { LoginWindowEnd, LoginWindowMessage } from '@shared/login-window'
import { answerInAddress, answerInForm, cookieNames, fieldNames, isRedirect } from './front-channel'
import { denyPermissions, keepOffline } from './lockdown'
import { background } from './window'

/** In memory (no `persist:`), apart from the window's own: it knows nothing of the app and leaves nothing on disk. */
const PARTITION = 'login'
const SIZE = { width: 480, height: 720 }

export interface LoginOptions {
  readonly attemptId: string
  /** Of the authorization request, at this workspace's own server. */
  readonly address: string
  /** Where the application would be called; nothing is ever sent there. */
  readonly redirectUri: string
  /** SHA-256 fingerprint of the server's certificate, where it speaks HTTPS: the only one that is trusted. */
  readonly certificate: string | undefined
  /** Whether the user of the time before is still logged in. */
  readonly keepsSession: boolean
  /** Lets the server take the ids by which its records are found again; no page gets to see it. */
  readonly traceKey: string
  readonly onMessage: (message: LoginWindowMessage) => void
}

/** The login window, at most one at a time. */
export interface LoginWindows {
  open(options: LoginOptions): Promise<void>
  /** Closes it without a word. */
  close(): void
  /** Closes it, and forgets who was logged in. */
  forget(): Promise<void>
  /** Whether a page is that of a login window, which is locked by itself. */
  isLogin(contents: WebContents): boolean
}

/**
 * Opens pages of the authorization server as a browser does, for a person to log in by: in a window of its own, with neither preload
 * nor Node, that reaches no other server. What goes back and forth is told; the way back to the application ends here.
 *
 * @param parent the app's window, with which it closes
 */
export function createLoginWindows(parent: BrowserWindow): LoginWindows {
  let opened: { close(): void } | undefined
  /** Made when it is first needed. */
  let session: Session | undefined
  const ownSession = () => (session ??= newSession())

  /** Counts what was asked for, so that a window that was closed before it was there does not open. */
  let turn = 0
  const close = () => {
    turn += 1
    opened?.close()
    opened = undefined
  }
  return {
    async open(options) {
      close()
      const own = turn
      if (!options.keepsSession) await ownSession().clearStorageData()
      if (own !== turn || parent.isDestroyed()) return
      opened = openLogin(parent, ownSession(), options)
    },
    close,
    async forget() {
      close()
      await session?.clearStorageData()
    },
    isLogin: (contents) => contents.session === session,
  }
}

function openLogin(
  parent: BrowserWindow,
  session: Session,
  { attemptId, address, redirectUri, certificate, traceKey, onMessage }: LoginOptions,
): { close(): void } {
  const { origin } = new URL(address)
  const tell = (message: DistributiveOmit<LoginWindowMessage, 'attemptId'>) => onMessage({ attemptId, ...message })
  trustOnly(session, certificate)
  const window = new BrowserWindow({
    ...SIZE,
    parent,
    show: false,
    title: origin,
    backgroundColor: background(),
    autoHideMenuBar: true,
    webPreferences: {
      session,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false, // fetches dictionaries from the network
      navigateOnDragDrop: false,
      devTools: false,
    },
  })
  window.removeMenu()
  window.once('ready-to-show', () => window.show())
  // A page must not pass for one of another place.
  window.on('page-title-updated', (event, title) => {
    event.preventDefault()
    window.setTitle(`${title} – ${origin}`)
  })

  let end: LoginWindowEnd = { kind: 'closed', why: 'by-person' }
  let isQuiet = false
  window.on('closed', () => {
    stopWatching()
    if (!isQuiet) tell(end)
  })
  const finish = (why: LoginWindowEnd) => {
    end = why
    // Not from within the event that it ends.
    setImmediate(() => window.isDestroyed() || window.destroy())
  }

  const watching: Watching = {
    origin,
    redirectUri,
    traceKey,
    tell(message) {
      tell(message)
      if (message.kind === 'answer') finish({ kind: 'closed', why: 'answered' })
    },
    onFailure: (reason) => finish({ kind: 'closed', why: 'failed', reason }),
  }
  lockContents(window.webContents, watching)
  const stopWatching = watch(session, watching)
  window.loadURL(address).catch(() => undefined) // told by onErrorOccurred
  return {
    close() {
      isQuiet = true
      if (!window.isDestroyed()) window.destroy()
    },
  }
}

/** Gives its pages nothing but the server's answers: no permission, no download. */
function newSession(): Session {
  const session = sessions.fromPartition(PARTITION)
  keepOffline(session)
  denyPermissions(session)
  session.on('will-download', (event) => event.preventDefault())
  return session
}

function trustOnly(session: Session, certificate: string | undefined): void {
  session.setCertificateVerifyProc(({ certificate: shown }, answer) =>
    answer(certificate !== undefined && fingerprintOf(shown.data) === certificate ? TRUSTED : REFUSED),
  )
}

/** Answers of a certificate check: https://www.electronjs.org/docs/latest/api/session#sessetcertificateverifyprocproc */
const TRUSTED = 0
const REFUSED = -2

function fingerprintOf(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256
  } catch {
    return undefined
  }
}

/** Keeps its page where it is. The way back to the application is let go on to the watch over its requests, which can read it. */
function lockContents(contents: WebContents, { origin, redirectUri, tell }: Watching): void {
  contents.on('will-frame-navigate', (event) => {
    if (isWithin(origin, event.url) || isWebRedirect(event.url, redirectUri)) return
    event.preventDefault()
    tell({ kind: 'blocked', address: event.url })
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

interface Watching {
  readonly origin: string
  readonly redirectUri: string
  readonly traceKey: string
  tell(message: DistributiveOmit<LoginWindowMessage, 'attemptId'>): void
  onFailure(reason: string): void
}

/**
 * Lets through what goes to the server's own pages, and tells it; stops everything else before it is sent. In place of whatever watched
 * the session before. Answers how to stop everything.
 */
function watch({ webRequest }: Session, { origin, redirectUri, traceKey, tell, onFailure }: Watching): () => void {
  /** By Chromium's number of the request, which a redirect keeps. */
  const sent = new Map<number, { transactionId: string; fields: readonly string[] }>()
  /** Answered, or closed. */
  let isOver = false
  const answer = (message: Parameters<typeof tell>[0]) => {
    isOver = true
    tell(message)
  }
  const leave = (address: string) =>
    isRedirect(address, redirectUri) ? answer(answerInAddress(address)) : tell({ kind: 'blocked', address })

  webRequest.onBeforeRequest(({ id, url, method, resourceType, uploadData }, decide) => {
    if (isOver || resourceType !== 'mainFrame') return decide({ cancel: true })
    const body = textOf(uploadData)
    if (method === 'POST' && isRedirect(url, redirectUri)) {
      answer(answerInForm(url, body))
      return decide({ cancel: true })
    }
    if (!isWithin(origin, url)) {
      leave(url)
      return decide({ cancel: true })
    }
    sent.set(id, { transactionId: randomUUID(), fields: method === 'POST' ? fieldNames(body) : [] })
    decide({})
  })
  webRequest.onBeforeSendHeaders(({ id, requestHeaders }, decide) => {
    // What is not known was cancelled before.
    const { transactionId = '' } = sent.get(id) ?? {}
    const named = { 'X-Gravitee-Transaction-Id': transactionId, 'X-Gatehouse-Trace': traceKey }
    decide({ requestHeaders: { ...requestHeaders, ...named } })
  })
  webRequest.onHeadersReceived((details, decide) => {
    const { id, url, method, statusCode } = details
    const { transactionId = '', fields = [] } = sent.get(id) ?? {}
    const location = headerOf(details, 'location')[0]
    const cookies = cookieNames(headerOf(details, 'set-cookie'))
    tell({
      kind: 'exchange',
      transactionId,
      method,
      address: url,
      fields,
      status: statusCode,
      ...(location === undefined ? {} : { location }),
      cookiesSet: cookies.set,
      cookiesRemoved: cookies.removed,
    })
    const next = location === undefined || !URL.canParse(location, url) ? undefined : new URL(location, url).href
    if (next === undefined || (isWithin(origin, next) && !isRedirect(next, redirectUri))) return decide({})
    // Here, where the answer still can be read whatever scheme it leads to, and before anything is sent there.
    leave(next)
    decide({ cancel: true })
  })
  webRequest.onErrorOccurred(({ error, resourceType }) => {
    if (resourceType !== 'mainFrame' || isOver) return
    if (error !== 'net::ERR_BLOCKED_BY_CLIENT' && error !== 'net::ERR_ABORTED') onFailure(error)
  })
  return () => void (isOver = true)
}

/** Of a scheme of its own, which no request is ever made for, there is nothing to be read from a form. */
function isWebRedirect(address: string, redirectUri: string): boolean {
  return isRedirect(address, redirectUri) && /^https?:/i.test(address)
}

function isWithin(origin: string, address: string): boolean {
  return URL.canParse(address) && new URL(address).origin === origin
}

function headerOf({ responseHeaders = {} }: OnHeadersReceivedListenerDetails, wanted: string): string[] {
  return Object.entries(responseHeaders).flatMap(([name, values]) => (name.toLowerCase() === wanted ? values : []))
}

function textOf(uploadData: readonly UploadData[] = []): string {
  // What is no bytes is a file, which no page of ours asks for.
  return uploadData.map(({ bytes }) => (bytes as Buffer | undefined)?.toString('utf8') ?? '').join('')
}

/** `Omit` of each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
