import { createServer as createTlsServer } from 'node:https'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from '../testing'

// Signed by itself, for 127.0.0.1, until 2126. Nobody trusts it, and nothing else uses the key.
const cert = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUCAd4DhbSaTJ2bVFCDcamc4sgSMowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDAzMzEwNFoYDzIxMjYxMDMx
MDMzMTA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATq7T+sjXqon7X5aLCE6DjFfqVizdIrT0zXyfJNyOOjop4RofwbjwYY
tZ+aMstIuYvJDFqQsZolQIHQqGGRQQAWo2QwYjAdBgNVHQ4EFgQUF7B7eEcA5nf/
NH0NC5/H5w5/t3gwHwYDVR0jBBgwFoAUF7B7eEcA5nf/NH0NC5/H5w5/t3gwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IQCQUvF/1XrV+2+0zKV2LNDQ0wC6VRfGL8U5L2CsyhesCgIgN8sJ9KuOEpiVTwNN
4Z3QZFYPOOX4KoZmmYEivcaeATk=
-----END CERTIFICATE-----`
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAtsPLBpPuHQq0kG1
Zxt3Qw7OQZao5rP1cHTJpjIsusOhRANCAATq7T+sjXqon7X5aLCE6DjFfqVizdIr
T0zXyfJNyOOjop4RofwbjwYYtZ+aMstIuYvJDFqQsZolQIHQqGGRQQAW
-----END PRIVATE KEY-----`

let workspace: TestWorkspace
const servers: Server[] = []
beforeAll(async () => {
  workspace = await openTestWorkspace()
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const problemOf = (url: string) => workspace.problem('console.send', { request: { method: 'GET', url, headers: [] } })

it('a certificate that nobody vouches for is named, with what can be done', async () => {
  const host = await listen(createTlsServer({ cert, key }, (_request, response) => response.end('never read')))
  expect(await problemOf(`https://${host}/`)).toEqual({
    key: 'CALL_UNTRUSTED',
    status: 502,
    title: `The certificate of ${host} is not trusted: it is signed by nobody but itself`,
    detail: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    remedy: 'Add it to the trusted authorities in Settings, or the authority that its server is given one by.',
    remedies: [{ action: 'open-authorities', label: 'Open the trusted authorities' }],
  })
})

it('a machine that cannot be reached is told apart from a port that nobody listens on', async () => {
  // No TCP connection goes to everybody: the system refuses at once, whatever network there is.
  expect(await problemOf('http://255.255.255.255:9/')).toMatchObject({
    key: 'CALL_UNREACHABLE',
    title: '255.255.255.255:9 cannot be reached from this machine',
  })
  expect(await problemOf('http://127.0.0.1:1/')).toMatchObject({ key: 'CALL_REFUSED' })
})

it('an answer that is cut off, or is no HTTP, is told so', async () => {
  const cut = await listen(createServer((socket) => socket.once('data', () => socket.destroy())))
  expect(await problemOf(`http://${cut}/`)).toMatchObject({ key: 'CALL_CUT_OFF' })
  expect(await problemOf(`https://${cut}/`)).toMatchObject({ key: 'CALL_CUT_OFF' })
  const foreign = await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')))
  expect(await problemOf(`http://${foreign}/`)).toMatchObject({ key: 'CALL_NOT_HTTP' })
  expect(await problemOf(`https://${foreign}/`)).toMatchObject({ key: 'CALL_NOT_TLS' })
})
