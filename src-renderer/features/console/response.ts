import type { ConsoleExchange } from '@shared/console'

/** The body for reading: JSON laid out, anything else as it came. */
export function prettyBody({ body, bodyEncoding }: ConsoleExchange): string {
  if (bodyEncoding === 'base64') return body
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

/** The answer as it reads on the wire. */
export function rawAnswer(exchange: ConsoleExchange): string {
  const start =
    `HTTP/${exchange.httpVersion.replace(/^HTTP\//, '')} ${exchange.status} ${exchange.statusText}`.trimEnd()
  return [start, ...exchange.headers.map(({ name, value }) => `${name}: ${value}`), '', exchange.body].join('\n')
}

/** Bytes for reading: 86 B, 1.2 kB, 3.4 MB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
