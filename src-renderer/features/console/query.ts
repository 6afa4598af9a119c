import type { HeaderList } from '@shared/console'

/** The query of an address as rows; an address that is not one yet is read the same way. */
export function queryOf(url: string): HeaderList {
  const at = url.indexOf('?')
  if (at < 0) return []
  return [...new URLSearchParams(url.slice(at + 1).split('#')[0])].map(([name, value]) => ({ name, value }))
}

/** The address with another query. */
export function withQuery(url: string, query: HeaderList): string {
  const base = url.split('?')[0] ?? ''
  const text = new URLSearchParams(query.map(({ name, value }): [string, string] => [name, value])).toString()
  return text === '' ? base : `${base}?${text}`
}
