import { execFileSync } from 'node:child_process' // eslint-disable-line no-restricted-imports -- the test runs in Node and asks a real shell
import { expect, it } from 'vitest'
import { curlRequest } from './curl-request'

/** The arguments that a shell would give to curl. */
function argumentsOf(line: string): string[] {
  const script = `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; }\n${line}`
  return execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1)
}

it('survives a shell, whatever stands in it', () => {
  const header = `it's "$HOME" \`id\` \\ !x`
  const body = `{"a":"it's $(id)\\n"}\n`
  const request = {
    method: 'POST',
    url: 'http://127.0.0.1:8082/a?b=c&d[]=1',
    headers: [{ name: 'X-A', value: header }],
    body,
  }
  expect(argumentsOf(curlRequest(request))).toEqual([
    '-i',
    '--globoff',
    '-X',
    'POST',
    request.url,
    '-H',
    `X-A: ${header}`,
    '--data-raw',
    body,
  ])
})

it('keeps an empty header and asks for no body with HEAD', () => {
  const headers = [{ name: 'X-Empty', value: '' }]
  expect(argumentsOf(curlRequest({ method: 'HEAD', url: 'http://h/', headers }))).toEqual([
    '-i',
    '--head',
    'http://h/',
    '-H',
    'X-Empty;',
  ])
})
