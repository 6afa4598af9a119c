import { ECHO_TARGET } from '@shared/api-definition'
import { contextPath } from '../../definition/context-path'
import type { ReadContext } from '../reader'
import { counted, members, objects, text, type Open } from '../values'

/** Where an OpenAPI document says its API is. */
export interface Servers {
  /** Addresses of backends; the echo backend where none is named. */
  readonly targets: readonly string[]
  /** The path of the first server, for the gateway to serve the API on; undefined where it has none. */
  readonly path: string | undefined
  /** How many backends are named. */
  readonly count: number
}

/** Servers are alternatives (production, staging): the first is called, unless all are chosen to share the load. */
export function readServers(document: Open, { notes, choices }: ReadContext): Servers {
  const urls = objects(document.servers, '/servers').flatMap(({ value, at }) => {
    const url = withVariables(text(value.url) ?? '/', members(value.variables))
    return [{ url, at }]
  })
  const absolute = urls.filter(({ url }) => /^https?:\/\//i.test(url) && URL.canParse(url))
  for (const { url, at } of urls.filter((each) => !absolute.includes(each)))
    notes.add('dropped', at, `The server ${url} names no host, so that there is no backend in it`)
  if (absolute.length === 0)
    notes.add(
      'changed',
      '/servers',
      'No server with a host is named: the built-in echo backend stands in',
      'Enter the backend under Endpoints.',
    )
  const chosen = choices.allServers === true ? absolute : absolute.slice(0, 1)
  for (const { url, at } of absolute.slice(chosen.length))
    notes.add(
      'dropped',
      at,
      `The server ${url}: the first server is the backend, and the others are alternatives to it`,
    )
  if (chosen.length > 0)
    notes.add('kept', '/servers', `${counted(chosen.length, 'backend')}: ${chosen.map(({ url }) => url).join(', ')}`)
  const [first] = absolute.length > 0 ? absolute : urls
  return {
    targets: chosen.length > 0 ? chosen.map(({ url }) => url.replace(/\/+$/, '')) : [ECHO_TARGET],
    path: first === undefined ? undefined : pathOf(first.url),
    count: absolute.length,
  }
}

function pathOf(url: string): string | undefined {
  if (!URL.canParse(url, 'http://localhost')) return undefined
  const path = contextPath(new URL(url, 'http://localhost').pathname)
  return typeof path === 'string' && path !== '/' ? path : undefined
}

function withVariables(url: string, variables: Open): string {
  return url.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => text(members(variables[name]).default) ?? whole)
}
