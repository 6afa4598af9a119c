import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { X509Certificate } from 'node:crypto'
import { Pool } from 'undici'
import { afterEach, expect, it } from 'vitest'
import { issueServerCertificate, makeAuthority } from '../../certificates/issue'
import type { Credentials } from '../../certificates/pem'
import { subordinateAuthority, testCredentials } from '../../certificates/testing'
import { trusting } from './authorities'
import { certificateFault } from './certificate-fault'
import { createConnectors } from './connector'
import type { Servers } from './own-servers'

const DAY = 86_400_000
const NOWHERE = { state: 'starting', host: '127.0.0.1', port: 0 } as const

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function serve({ certificate, key }: Credentials): Promise<number> {
  const server = createServer({ cert: certificate, key }, (_request, response) => response.end('answered'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  return (server.address() as AddressInfo).port // listening on TCP
}

/** What a call to 127.0.0.1 answers, or why the certificate is not accepted. */
async function call(port: number, trusts: string | undefined, own: Partial<Servers> = {}) {
  const authorities = trusts === undefined ? undefined : trusting([trusts])
  const connectors = createConnectors(
    () => ({ gateway: NOWHERE, authorization: NOWHERE, ...own }),
    () => authorities,
  )
  const pool = new Pool(`https://127.0.0.1:${port}`, { connect: connectors(5000) })
  closers.push(() => pool.destroy())
  try {
    const { body } = await pool.request({ method: 'GET', path: '/' })
    return await body.text()
  } catch (error) {
    return certificateFault(error)?.reason ?? error
  }
}

function listening(port: number, { certificate }: Credentials): Servers['gateway'] {
  const { fingerprint256 } = new X509Certificate(certificate)
  const address = `https://127.0.0.1:${port}`
  return { state: 'listening', host: '127.0.0.1', port, address, certificate: fingerprint256 }
}

it('accepts what a trusted authority has issued', async () => {
  const credentials = await testCredentials()
  expect(await call(await serve(credentials), credentials.authority)).toBe('answered')
})

it('accepts what an authority has issued that is trusted without the one above it', async () => {
  const authority = await subordinateAuthority()
  const port = await serve(await issueServerCertificate(authority, ['127.0.0.1'], Date.now()))
  expect(await call(port, authority.certificate)).toBe('answered')
})

it.each([
  ['an authority that nobody knows', () => testCredentials(), undefined, /issued by an authority that is not trusted/],
  ['an authority, for no server', () => makeAuthority('itself', Date.now()), undefined, /is not for servers/],
  ['an authority, long ago', () => testCredentials(undefined, Date.now() - 100 * DAY), 'trusted', /has expired/],
  ['an authority, too early', () => testCredentials(undefined, Date.now() + 2 * DAY), 'trusted', /not valid yet/],
  ['an authority, for other names', () => testCredentials(['localhost', '::1']), 'trusted', /is for localhost, /],
  [
    'an authority that may vouch for no name but localhost',
    () => testCredentials(['127.0.0.1', 'bank.example']),
    'trusted',
    /is not acceptable: permitted subtree violation/,
  ],
])('refuses a certificate by %s', async (_what, make, trusted, reason) => {
  const credentials: Credentials & { authority?: string } = await make()
  expect(await call(await serve(credentials), trusted && credentials.authority)).toMatch(reason)
})

it("accepts our own server's certificate whoever issued it, and no other at its address", async () => {
  // For another name and out of date: what counts is that it is the one.
  const own = await testCredentials(['localhost'], Date.now() - 100 * DAY)
  const port = await serve(own)
  expect(await call(port, undefined, { gateway: listening(port, own) })).toBe('answered')
  expect(await call(port, undefined, { authorization: listening(port, await testCredentials()) })).toMatch(
    /another program answers there/,
  )
  // Only there: the same certificate elsewhere proves nothing.
  expect(await call(await serve(own), undefined, { gateway: listening(port, own) })).toMatch(/has expired/)
})
