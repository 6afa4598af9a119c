import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { protocol, type Session } from 'electron'
import { fileFor } from './app-files'

/** Origin of the window's pages: a scheme of our own has an origin, and no page of it can read files as file:// could. */
export const APP_ORIGIN = 'app://gatehouse'

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}

/**
 * What a page may load: only what ships with it, and no code from text. Nothing leaves the machine, and the pages reach
 * the servers through the bridge alone. Inline styles are allowed since Nuxt UI writes its theme's colours into a style
 * element at run time; a style cannot fetch anything here.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const securityHeaders = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

/** A page made at run time, beside the files: its HTML, or undefined when there is none at the path. */
export type MadePage = (path: string) => string | undefined

/**
 * Serves the built window under `app://gatehouse/`.
 *
 * @param folder the built window (out/renderer)
 */
export function serveApp(session: Session, folder: string, madePage: MadePage): void {
  session.protocol.handle('app', async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'gatehouse') return refuse(404)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const made = madePage(url.pathname)
    if (made !== undefined) return answer(made, '.html')
    const file = fileFor(folder, url.pathname)
    if (file === undefined) return refuse(404)
    const content = await readFile(file).catch(() => undefined)
    return content === undefined ? refuse(404) : answer(content, extname(file))
  })
}

function answer(content: Buffer | string, extension: string): Response {
  const type = types[extension.toLowerCase()] ?? 'application/octet-stream'
  const body = typeof content === 'string' ? content : new Uint8Array(content)
  return new Response(body, { headers: { ...securityHeaders, 'Content-Type': type, 'Cache-Control': 'no-cache' } })
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: securityHeaders })
}
