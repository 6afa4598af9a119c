import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Agent, fetch as fetchBy } from 'undici'
import { describe, expect, it } from 'vitest'
import { operate } from './cli/command.testing'
import { withCommand } from './cli/sample.testing'

const { command, folder, init, basic, exchange, askToken, bodyOf, newToken, statusOfEcho } = withCommand()

describe('gatehouse init', () => {
  it('makes a workspace and tells what is needed to call its sample', async () => {
    const { code, stdout, stderr } = await command().run('init', folder(), '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^\{"domain":"demo","clientId":"[\w-]{22}","clientSecret":"[\w-]{64}","api":"\/echo","username":"alice","password":"\S{12,}"\}\n$/,
    )
  })

  it.runIf(process.platform === 'linux')('ends where no folder can be made', async () => {
    const { code, stderr } = await command().run('init', '/proc/gatehouse/lab')
    expect([code, stderr.split('. ')[0]]).toEqual([1, 'gatehouse: A workspace cannot be made in /proc/gatehouse/lab'])
  })

  it('refuses a folder that is a workspace, and leaves it as it was', async () => {
    await init()
    const before = await readFile(join(folder(), 'gatehouse.json'), 'utf8')
    const { code, stdout, stderr } = await command().run('init', folder(), '--json')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^gatehouse: .+\n$/)
    expect(stderr).toContain(`${folder()} is a workspace already. Run it with gatehouse serve ${folder()}.`)
    expect(await readFile(join(folder(), 'gatehouse.json'), 'utf8')).toBe(before)
  })
})

describe('gatehouse serve', () => {
  it("answers the quickstart's three exchanges byte for byte", async () => {
    const sample = await init()
    const serving = await command().serve(folder())
    expect(Object.keys(serving.ready)).toEqual(['gateway', 'authorization', 'management', 'managementToken'])

    const refused = await exchange(serving.ready.gateway, ['GET /echo HTTP/1.1'])
    expect(refused).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(refused).toContain(
      '\r\nWWW-Authenticate: Bearer realm=gravitee.io - No OAuth authorization header was supplied\r\n',
    )
    expect(refused.slice(refused.indexOf('\r\n\r\n') + 4)).toBe(
      '{"message":"No OAuth authorization header was supplied","http_status_code":401}',
    )

    const granted = await askToken(serving, sample)
    expect(granted).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    for (const line of [
      'Content-Type: application/json;charset=UTF-8',
      'Cache-Control: no-cache, no-store, max-age=0, must-revalidate',
      'Pragma: no-cache',
    ])
      expect(granted).toContain(`\r\n${line}\r\n`)
    expect(Object.keys(bodyOf(granted))).toEqual(['access_token', 'token_type', 'expires_in'])
    expect(bodyOf(granted)).toMatchObject({ token_type: 'bearer', expires_in: 7199 })

    const authorization = `Bearer ${String(bodyOf(granted).access_token)}`
    const answered = await exchange(serving.ready.gateway, ['GET /echo HTTP/1.1', `Authorization: ${authorization}`])
    expect(answered).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answered).toContain(`"Authorization":`)
    expect(answered).toContain(authorization)
    expect(answered).toContain('"X-Gravitee-Transaction-Id"')
    serving.signal('SIGTERM')
    expect(await serving.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('serves HTTPS where it is turned on, and says what clients have to trust', async () => {
    await init()
    const first = await command().serve(folder())
    await operate(first, 'workspace.update', { tls: { gateway: true, authorization: true } })
    first.signal('SIGTERM')
    await first.ended

    const { ready, signal, ended } = await command().serve(folder(), '--host', '0.0.0.0')
    expect(Object.keys(ready)).toEqual(['gateway', 'authorization', 'caFile', 'management', 'managementToken'])
    const agent = new Agent({ connect: { ca: await readFile(ready.caFile!, 'utf8') } })
    for (const [address, path] of [
      [ready.gateway, '/echo'],
      [ready.authorization, '/demo/oidc/.well-known/openid-configuration'],
    ] as const) {
      expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
      expect((await fetchBy(address + path, { dispatcher: agent })).status).toBe(path === '/echo' ? 401 : 200)
    }
    await agent.close()
    signal('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('TLS') as string })
  })

  it('warns of an address that others reach', async () => {
    await init()
    const serving = await command().serve(folder(), '--host', '0.0.0.0')
    serving.signal('SIGTERM')
    const { code, stderr } = await serving.ended
    expect(stderr).toMatch(
      /^gatehouse: Warning: both servers listen on every address of this machine \(0\.0\.0\.0\): .+without TLS\.\n/,
    )
    expect(stderr).toContain(`tokens name ${serving.ready.authorization} as their issuer`)
    for (const address of [serving.ready.gateway, serving.ready.authorization])
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(code).toBe(0)
  })

  it('names who has a taken port, and offers the next free one', async () => {
    await init()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    try {
      const { code, stdout, stderr } = await command().run(
        ...['serve', folder(), '--json', '--gateway-port', String(port), '--authorization-port', '0'],
      )
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(
        new RegExp(`^gatehouse: Port ${port} of 127\\.0\\.0\\.1 is in use by .+ --gateway-port \\d+\n$`),
      )
      if (process.platform === 'linux') expect(stderr).toContain(`(process ${process.pid})`)
    } finally {
      other.close()
    }
  })

  it('refuses a workspace that another process has open, and names that', async () => {
    await init()
    const serving = await command().serve(folder())
    const { code, stderr } = await command().run('serve', folder(), '--gateway-port', '0', '--authorization-port', '0')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: .+\n$/)
    expect(stderr).toContain(String(serving.pid))
    serving.signal('SIGINT')
    expect(await serving.ended).toMatchObject({ code: 0 })
  })

  it('starts again after it was killed, and still refuses a token that was revoked before', async () => {
    const sample = await init()
    const first = await command().serve(folder())
    const [revoked, kept] = [await newToken(first, sample), await newToken(first, sample)]
    expect(await statusOfEcho(first, revoked)).toBe(200)
    const answer = await fetch(`${first.ready.authorization}/${sample.domain}/oauth/revoke`, {
      method: 'POST',
      headers: { authorization: basic(sample) },
      body: new URLSearchParams({ token: revoked }),
    })
    expect(answer.status).toBe(200)
    const control = await readFile(join(folder(), '.state', 'control.json'), 'utf8')
    const { socket } = JSON.parse(control) as { socket: string }
    first.signal('SIGKILL')
    expect(await first.ended).toMatchObject({ code: null })

    const second = await command().serve(folder())
    expect(existsSync(socket)).toBe(false)
    expect([await statusOfEcho(second, revoked), await statusOfEcho(second, kept)]).toEqual([401, 200])
    second.signal('SIGTERM')
    expect(await second.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('wrong usage', () => {
  it.each([
    { args: ['serve'], says: 'Which folder? Name the workspace, e.g. gatehouse serve my-workspace.' },
    { args: ['init'], says: 'e.g. gatehouse init my-workspace.' },
    { args: ['fly'], says: 'There is no command fly' },
    { args: ['serve', 'lab', '--gateway-port', '70000'], says: '--gateway-port takes a port' },
    { args: ['serve', 'lab', '--host', 'everywhere'], says: '--host takes an address' },
    { args: ['init', 'lab', '--jsn'], says: '--jsn' },
    { args: ['init', 'lab', 'other'], says: 'What is other for?' },
  ])('$args ends with 2 and one line', async ({ args, says }) => {
    const { code, stdout, stderr } = await command().run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^gatehouse: .+\n$/)
    expect(stderr).toContain(says)
  })
})
