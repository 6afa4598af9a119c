import type { TestServer } from './testing'

/** What a browser shows, or where it is sent outside of the server. */
export interface Page {
  readonly status: number
  readonly headers: Headers
  /** The address that was answered. */
  readonly url: URL
  /** Where the answer sends the browser that is not this server: the application. Undefined for a page. */
  readonly leftTo: URL | undefined
  readonly text: string
  readonly forms: readonly TestForm[]
}

export interface TestForm {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  /** Values of the buttons named `action`, in their order. */
  readonly buttons: readonly string[]
}

/** A browser without JavaScript: it keeps cookies by their path, follows redirects within the server, and sends forms. */
export interface TestBrowser {
  /** By name; of one name there may be several by path. */
  readonly cookies: Map<string, { value: string; path: string; attributes: string }>
  open(address: string | URL, headers?: Record<string, string>): Promise<Page>
  post(address: string | URL, form: Record<string, string> | string, headers?: Record<string, string>): Promise<Page>
  /** Sends the form of the page that has this button, as a click on it would. */
  press(page: Page, button: string, fields?: Record<string, string>): Promise<Page>
}

export function createTestBrowser(server: Pick<TestServer, 'address'>): TestBrowser {
  const cookies: TestBrowser['cookies'] = new Map()

  function cookiesFor({ pathname }: URL): string {
    const fitting = [...cookies].filter(([, { path }]) => pathname.startsWith(path))
    return fitting.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  function keepCookies(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      const path = attributes.find((attribute) => attribute.startsWith('Path='))?.slice(5) ?? '/'
      if (attributes.includes('Max-Age=0')) cookies.delete(name)
      else cookies.set(name, { value, path, attributes: attributes.join('; ') })
    }
  }

  async function send(address: URL, init: RequestInit, hops = 0): Promise<Page> {
    if (hops > 10) throw new Error(`Redirected without end at ${address.pathname}`)
    const cookie = cookiesFor(address)
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(address, { ...init, headers, redirect: 'manual' })
    keepCookies(response.headers)
    const location = response.headers.get('location')
    const text = await response.text()
    const target = location === null ? undefined : new URL(location, address)
    const page = { status: response.status, headers: response.headers, url: address, text, forms: formsOf(text) }
    if (target === undefined) return { ...page, leftTo: undefined }
    if (target.origin !== address.origin) return { ...page, leftTo: target }
    return send(target, {}, hops + 1)
  }

  const browser: TestBrowser = {
    cookies,
    open: (address, headers = {}) => send(new URL(address, server.address), { headers }),
    post: (address, form, headers = {}) =>
      send(new URL(address, server.address), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
    press(page, button, fields = {}) {
      const form = page.forms.find(({ buttons }) => buttons.includes(button))
      if (form === undefined) throw new Error(`No button ${button} on ${page.url.pathname}: ${page.text}`)
      return browser.post(new URL(form.action, page.url), { ...form.fields, ...fields, action: button })
    },
  }
  return browser
}

/** A request that every test of the flow can start from: `redirect_uri` and `client_id` are the application's. */
export function authorizeAddress(
  application: { readonly clientId: string; readonly redirectUris: readonly string[] },
  parameters: Readonly<Record<string, string>> = {},
  domainPath = 'orders',
): string {
  const all = {
    response_type: 'code',
    client_id: application.clientId,
    redirect_uri: application.redirectUris[0] ?? '',
    ...parameters,
  }
  return `/${domainPath}/oauth/authorize?${new URLSearchParams(all).toString()}`
}

/** Opens an authorization request, logs in and allows what is asked for, as far as pages for it come. */
export async function passThrough(
  browser: TestBrowser,
  address: string | URL,
  { username = 'ada', password = 'correct horse' } = {},
): Promise<Page> {
  let page = await browser.open(address)
  if (hasButton(page, 'log-in')) page = await browser.press(page, 'log-in', { username, password })
  if (hasButton(page, 'allow')) page = await browser.press(page, 'allow')
  return page
}

export function hasButton(page: Page, button: string): boolean {
  return page.forms.some(({ buttons }) => buttons.includes(button))
}

function formsOf(text: string): TestForm[] {
  return [...text.matchAll(/<form [^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(([, action = '', body = '']) => ({
    action: unescape(action),
    fields: Object.fromEntries(
      [...body.matchAll(/<input [^>]*>/g)].map(([input]) => [attribute(input, 'name'), attribute(input, 'value')]),
    ),
    buttons: [...body.matchAll(/<button [^>]*name="action"[^>]*>/g)].map(([button]) => attribute(button, 'value')),
  }))
}

function attribute(tag: string, name: string): string {
  return unescape(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
}

const CHARACTERS: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

function unescape(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS[entity] ?? entity)
}
