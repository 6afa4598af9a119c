import { execFileSync } from 'node:child_process' // eslint-disable-line no-restricted-imports -- the test asks a real shell
import { describe, expect, it } from 'vitest'
import { curlCall, curlKeepToken, curlTokenRequest, shellQuote } from './curl'

/** What a real shell makes of a line whose `curl` prints its arguments, one a line. */
function argumentsOf(line: string, environment: Record<string, string> = {}): string[] {
  const script = `curl() { printf '%s\\n' "$@"; }\n${line}`
  return execFileSync('sh', ['-c', script], { env: environment, encoding: 'utf8' }).split('\n').slice(0, -1)
}

const address = { authorizationAddress: 'http://127.0.0.1:8092', domainPath: 'demo' }

describe('a line to paste into a terminal', () => {
  it.each(['plain', 'two words', "it's", '$HOME', '`id`', '"quoted"', 'a\\b', '', '!*?;&|<>()'])(
    'quotes %j so that the shell reads it literally',
    (word) => {
      expect(argumentsOf(`curl ${shellQuote(word)}`)).toEqual([word])
    },
  )

  it('takes the secret from the environment until it is known', () => {
    const line = curlTokenRequest({ ...address, clientId: 'orders$1"`' })
    const given = argumentsOf(line, { CLIENT_SECRET: 's 1' })
    expect(given).toEqual([
      ...['-i', '-X', 'POST', 'http://127.0.0.1:8092/demo/oauth/token'],
      ...['-u', 'orders%241%22%60:s 1', '-d', 'grant_type=client_credentials'],
    ])
  })

  it('form-encodes id and secret within Basic, and scopes in the body (RFC 6749 §2.3.1)', () => {
    const line = curlTokenRequest({ ...address, clientId: 'a:b', clientSecret: "p'%+ w", scopes: ['read', 'write'] })
    expect(argumentsOf(line).slice(4)).toEqual([
      ...['-u', 'a%3Ab:p%27%25%2B+w', '-d', 'grant_type=client_credentials', '-d', 'scope=read+write'],
    ])
  })

  it('trusts the local authority where the address is HTTPS, and there alone', () => {
    const caFile = '/home/me/my lab/gatehouse-ca.pem'
    expect(argumentsOf(curlCall('https://127.0.0.1:8082/echo', false, caFile))).toEqual([
      ...['-i', '--cacert', caFile, 'https://127.0.0.1:8082/echo'],
    ])
    expect(argumentsOf(curlCall('http://127.0.0.1:8082/echo', false, caFile))).not.toContain('--cacert')
    const request = { domainPath: 'demo', clientId: 'orders', clientSecret: 's', caFile }
    const line = curlTokenRequest({ ...request, authorizationAddress: 'https://127.0.0.1:8092' })
    expect(argumentsOf(line).slice(0, 3)).toEqual(['-i', '--cacert', caFile])
    expect(curlKeepToken({ ...request, authorizationAddress: 'https://127.0.0.1:8092' })).toContain(
      `curl -s --cacert '${caFile}'`,
    )
  })

  it('keeps the token for the next call, however the answer is spaced', () => {
    const lines = [
      `curl() { printf '%s' '{"access_token" : "abc.def-_", "token_type":"bearer"}'; }`,
      curlKeepToken({ ...address, clientId: 'orders' }),
      `printf '%s' "$TOKEN"`,
    ]
    expect(execFileSync('sh', ['-c', lines.join('\n')], { encoding: 'utf8' })).toBe('abc.def-_')
    expect(argumentsOf(curlCall('http://127.0.0.1:8082/echo', true), { TOKEN: 'abc' })).toEqual([
      ...['-i', 'http://127.0.0.1:8082/echo', '-H', 'Authorization: Bearer abc'],
    ])
  })
})
