import type { ConsoleRequest } from '@shared/console'
import { curlTrust, shellQuote } from '@shared/curl'

/** A request as a curl line that sends the same bytes. @param caFile certificate of the authority to trust, where the address is one of ours */
export function curlRequest(request: ConsoleRequest, caFile?: string): string {
  const method =
    request.method === 'HEAD' ? ' --head' : request.method === 'GET' ? '' : ` -X ${shellQuote(request.method)}`
  // An empty header needs the semicolon form: with a colon curl would leave it out.
  const headers = request.headers.map(({ name, value }) => shellQuote(value === '' ? `${name};` : `${name}: ${value}`))
  const lines = [
    // --globoff: brackets and braces in the address are meant as they are.
    `curl -i${curlTrust(request.url, caFile)}${/[[\]{}]/.test(request.url) ? ' --globoff' : ''}${method} ${shellQuote(request.url)}`,
    ...headers.map((header) => `-H ${header}`),
    ...(request.body ? [`--data-raw ${shellQuote(request.body)}`] : []),
  ]
  return lines.join(' \\\n  ')
}
