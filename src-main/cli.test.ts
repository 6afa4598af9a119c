import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch as fetchBy } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Domain } from '@shared/domain'
import { buildCommand, operate, type Command, type Serving } from './cli/command.testing'

interface Sample {
  readonly domain: string
  readonly clientId: string
  readonly clientSecret: string
  readonly api: string
}

let command: Command
let home: string
let folder: string
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(() => command.dispose())
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-cli-'))
  folder = join(home, 'lab')
})
afterEach(() => rm(home, { recursive: true, force: true }))

async function init(): Promise<Sample> {
  const { code, stdout, stderr } = await command.run('init', folder, '--json')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Sample
}

const basic = ({ clientId, clientSecret }: Sample) =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

/** One request as it goes over the wire, and everything that comes back. */
function exchange(address: string, lines: readonly string[], body = ''): Promise<string> {
  const { hostname, port, host } = new URL(address)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname)
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('error', reject).on('end', () => resolve(answer))
    socket.write([...lines, `Host: ${host}`, 'Connection: close', '', body].join('\r\n'))
  })
}

function askToken({ ready }: Serving, sample: Sample): Promise<string> {
  const body = 'grant_type=client_credentials'
  const type = 'Content-Type: application/x-www-form-urlencoded'
  const lines = [`POST /${sample.domain}/oauth/token HTTP/1.1`, type, `Authorization: ${basic(sample)}`]
  return exchange(ready.authorization, [...lines, `Content-Length: ${body.length}`], body)
}

const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Record<string, unknown>
const newToken = async (serving: Serving, sample: Sample) =>
  String(bodyOf(await askToken(serving, sample)).access_token)
const statusOfEcho = async ({ ready }: Serving, token: string, path = '/echo') =>
  (await fetch(`${ready.gateway}${path}`, { headers: { authorization: `Bearer ${token}` } })).status

async function editDraft(change: (draft: Record<string, unknown>) => void): Promise<void> {
  const file = join(folder, 'apis/echo.json')
  const draft = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  change(draft)
  await writeFile(file, JSON.stringify(draft, undefined, 2))
}

describe('gatehouse init', () => {
  it('makes a workspace and tells what is needed to call its sample', async () => {
    const { code, stdout, stderr } = await command.run('init', folder, '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^\{"domain":"demo","clientId":"[\w-]{22}","clientSecret":"[\w-]{64}","api":"\/echo","username":"alice","password":"\S{12,}"\}\n$/,
    )
  })

  it.runIf(process.platform === 'linux')('ends where no folder can be made', async () => {
    const { code, stderr } = await command.run('init', '/proc/gatehouse/lab')
    expect([code, stderr.split('. ')[0]]).toEqual([1, 'gatehouse: A workspace cannot be made in /proc/gatehouse/lab'])
  })

  it('refuses a folder that is a workspace, and leaves it as it was', async () => {
    await init()
    const before = await readFile(join(folder, 'gatehouse.json'), 'utf8')
    const { code, stdout, stderr } = await command.run('init', folder, '--json')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^gatehouse: .+\n$/)
    expect(stderr).toContain(`${folder} is a workspace already. Run it with gatehouse serve ${folder}.`)
    expect(await readFile(join(folder, 'gatehouse.json'), 'utf8')).toBe(before)
  })
})

describe('gatehouse serve', () => {
  it("answers the quickstart's three exchanges byte for byte", async () => {
    const sample = await init()
    const serving = await command.serve(folder)
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
    const first = await command.serve(folder)
    await operate(first, 'workspace.update', { tls: { gateway: true, authorization: true } })
    first.signal('SIGTERM')
    await first.ended

    const { ready, signal, ended } = await command.serve(folder, '--host', '0.0.0.0')
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
    const serving = await command.serve(folder, '--host', '0.0.0.0')
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
      const { code, stdout, stderr } = await command.run(
        ...['serve', folder, '--json', '--gateway-port', String(port), '--authorization-port', '0'],
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
    const serving = await command.serve(folder)
    const { code, stderr } = await command.run('serve', folder, '--gateway-port', '0', '--authorization-port', '0')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: .+\n$/)
    expect(stderr).toContain(String(serving.pid))
    serving.signal('SIGINT')
    expect(await serving.ended).toMatchObject({ code: 0 })
  })

  it('starts again after it was killed, and still refuses a token that was revoked before', async () => {
    const sample = await init()
    const first = await command.serve(folder)
    const [revoked, kept] = [await newToken(first, sample), await newToken(first, sample)]
    expect(await statusOfEcho(first, revoked)).toBe(200)
    const answer = await fetch(`${first.ready.authorization}/${sample.domain}/oauth/revoke`, {
      method: 'POST',
      headers: { authorization: basic(sample) },
      body: new URLSearchParams({ token: revoked }),
    })
    expect(answer.status).toBe(200)
    const control = await readFile(join(folder, '.state', 'control.json'), 'utf8')
    const { socket } = JSON.parse(control) as { socket: string }
    first.signal('SIGKILL')
    expect(await first.ended).toMatchObject({ code: null })

    const second = await command.serve(folder)
    expect(existsSync(socket)).toBe(false)
    expect([await statusOfEcho(second, revoked), await statusOfEcho(second, kept)]).toEqual([401, 200])
    second.signal('SIGTERM')
    expect(await second.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('Ctrl-C', () => {
  let backend: Server
  let waiting: Promise<ServerResponse>
  beforeEach(async () => {
    waiting = new Promise((resolve) => (backend = createServer((_request, response) => resolve(response))))
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => {
    backend.closeAllConnections()
    backend.close()
  })

  /** A call that waits at its backend when this resolves. */
  async function slowCall(): Promise<{ serving: Serving; call: Promise<Response>; backendAnswer: ServerResponse }> {
    await init()
    const serving = await command.serve(folder)
    const target = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
    const { definition } = await operate(serving, 'apis.create', { name: 'Slow', path: '/slow', target })
    await operate(serving, 'apis.deploy', { apiId: (definition as { id: string }).id })
    const call = fetch(`${serving.ready.gateway}/slow`)
    call.catch(() => undefined) // looked at later
    return { serving, call, backendAnswer: await waiting }
  }

  const accepts = ({ ready }: Serving) =>
    new Promise<boolean>((resolve) => {
      const { hostname, port } = new URL(ready.gateway)
      const socket = connect(Number(port), hostname, () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
    })

  async function stopsAccepting(serving: Serving): Promise<void> {
    while (await accepts(serving));
  }

  it('ends it when the request in flight has been answered', async () => {
    const { serving, call, backendAnswer } = await slowCall()
    serving.signal('SIGINT')
    await stopsAccepting(serving)
    backendAnswer.end('at last')
    const response = await call
    expect([response.status, await response.text()]).toEqual([200, 'at last'])
    expect(await serving.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('twice ends it at once', async () => {
    const { serving, call } = await slowCall()
    serving.signal('SIGINT')
    await stopsAccepting(serving)
    serving.signal('SIGINT')
    expect(await serving.ended).toMatchObject({ code: 130 })
    await expect(call).rejects.toThrow()
  })
})

describe('gatehouse import', () => {
  const petStore = `openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets/{id}:
    get:
      responses:
        200: { description: One, content: { application/json: { example: { name: Rex } } } }
`
  const file = (name: string) => join(home, name)

  it('takes in a document, deploys it, and replaces it when it is run again', async () => {
    await init()
    await writeFile(file('pets.yaml'), petStore)
    const first = await command.run('import', folder, file('pets.yaml'), '--deploy', '--json')
    expect([first.code, first.stderr]).toEqual([0, ''])
    const [made] = JSON.parse(first.stdout) as [Record<string, unknown>]
    expect(made).toMatchObject({
      format: 'OpenAPI 3.1.0',
      name: 'Pets',
      paths: ['/pets'],
      replaced: false,
      revision: 1,
    })
    await writeFile(file('pets.yaml'), petStore.replace('/pets/{id}', '/pets/{petId}'))
    const again = await command.run('import', folder, file('pets.yaml'), '--deploy')
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(again.stdout).toMatch(
      /^Pets on \/pets replaced by .+pets\.yaml \(OpenAPI 3\.1\.0\), deployed as revision 2\n/,
    )
    expect(again.stdout).toContain(
      '  kept: 1 operation, each a flow; any other path or method is answered 404  [/paths]\n',
    )
  })

  it('reaches a serving process, which runs it at once', async () => {
    await init()
    await writeFile(file('pets.yaml'), petStore)
    const serving = await command.serve(folder)
    expect(await command.run('import', folder, file('pets.yaml'), '--deploy')).toMatchObject({ code: 0 })
    expect((await fetch(`${serving.ready.gateway}/pets/pets/7`)).status).toBe(200)
    expect((await fetch(`${serving.ready.gateway}/pets/cats`)).status).toBe(404)
    serving.signal('SIGTERM')
    expect((await serving.ended).code).toBe(0)
  })

  it('of several files imports none when one is not right', async () => {
    await init()
    await writeFile(file('pets.yaml'), petStore)
    await writeFile(file('broken.json'), '{\n  "openapi": "3.1.0",\n  oops\n}')
    const { code, stderr } = await command.run('import', folder, file('pets.yaml'), file('broken.json'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: .+broken\.json, line 3, column 3: here it stops being JSON\. .+\n$/)
    const twins = await command.run('import', folder, file('pets.yaml'), file('pets.yaml'))
    expect(twins).toMatchObject({ code: 1, stdout: '' })
    expect(twins.stderr).toContain('both have the name Pets')
    const taken = petStore.replace('Pets', 'Other').replace('paths:', 'servers: [{ url: /echo }]\npaths:')
    await writeFile(file('taken.yaml'), taken)
    expect((await command.run('import', folder, file('taken.yaml'))).stderr).toContain(
      'The path /echo belongs to the API Echo',
    )
    expect((await command.run('import', folder, file('gone.yaml'))).stderr).toMatch(
      /gone\.yaml is not there\. Name a file\.\n$/,
    )
    expect(await command.run('import', folder)).toMatchObject({ code: 2 })
    expect(await command.run('import', folder, file('pets.yaml'), '--nope')).toMatchObject({ code: 2 })
    expect((await command.run('deploy', folder)).stdout).toBe('Echo is deployed already, revision 1\n')
  })

  it('says why what it imported is not deployed', async () => {
    await init()
    const secured = petStore.replace('      responses', '      security: [{ login: [read] }]\n      responses')
    const schemes = 'components: { securitySchemes: { login: { type: http, scheme: bearer } } }\n'
    await writeFile(file('pets.yaml'), `${secured}${schemes}`)
    const { code, stdout, stderr } = await command.run('import', folder, file('pets.yaml'), '--deploy', '--json')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: Imported, and not deployed: Pets: .+\n$/)
    const [made] = JSON.parse(stdout) as [{ notes: { kind: string; pointer: string }[] }]
    expect(made.notes.filter(({ kind }) => kind === 'blocks').map(({ pointer }) => pointer)).toContain(
      '/resources/0/configuration/serverURL',
    )
  })
})

describe('gatehouse deploy', () => {
  it('freezes the drafts that changed, with nothing serving the workspace', async () => {
    await init()
    expect(await command.run('deploy', folder)).toMatchObject({
      code: 0,
      stdout: 'Echo is deployed already, revision 1\n',
    })
    await editDraft((draft) => (draft.description = 'Edited by hand'))
    expect(await command.run('deploy', folder, '/echo')).toMatchObject({
      code: 0,
      stdout: 'Echo deployed, revision 2\n',
    })
    const { code, stderr } = await command.run('deploy', folder, 'nope')
    expect([code, stderr]).toEqual([1, 'gatehouse: There is no API nope. There are: Echo.\n'])
  })

  it('refuses a draft that does not compile', async () => {
    await init()
    await editDraft((draft) => {
      const [flow] = draft.flows as { request: object[] }[]
      flow!.request = [{ name: 'OAuth2', enabled: true, policy: 'oauth2', configuration: { oauthResource: '' } }]
    })
    const { code, stderr } = await command.run('deploy', folder)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: Not deployed: Echo: .+\n$/)
  })

  it('tells all that is wrong in sentences of one line, and nothing else on stderr', async () => {
    await init()
    await editDraft((draft) => {
      const groups = draft.endpointGroups as {
        loadBalancer: object
        endpoints: { sharedConfigurationOverride: object }[]
      }[]
      groups[0]!.loadBalancer = { type: 'sticky' }
      groups[0]!.endpoints[0]!.sharedConfigurationOverride = { http: { useCompression: true } }
      draft.listeners = [{ ...(draft.listeners as object[])[0], cors: { enabled: true } }]
    })
    const { code, stderr } = await command.run('deploy', folder)
    expect([code, stderr]).toEqual([
      1,
      'gatehouse: Not deployed: Echo: CORS cannot be done by this gateway yet. Switch it off. ' +
        'There is no load balancer sticky here. Use one of round-robin, random, weighted-round-robin, weighted-random.\n',
    ])
  })

  it('of a copy of the folder leaves alone the process that serves the one it was made from', async () => {
    await init()
    const serving = await command.serve(folder)
    const copy = join(home, 'copy')
    await cp(folder, copy, { recursive: true })
    await rm(join(copy, '.state', 'lock.json'), { force: true })
    await editDraft((draft) => (draft.description = 'Edited by hand'))
    expect(await command.run('deploy', copy)).toMatchObject({
      code: 0,
      stdout: 'Echo is deployed already, revision 1\n',
    })
    const other = await command.serve(copy)
    other.signal('SIGTERM')
    await other.ended
    expect(await command.run('deploy', folder)).toMatchObject({ code: 0, stdout: 'Echo deployed, revision 2\n' })
    serving.signal('SIGTERM')
    await serving.ended
  })

  it('has the process that serves the workspace take them up at once', async () => {
    const sample = await init()
    const serving = await command.serve(folder)
    const token = await newToken(serving, sample)
    expect(await statusOfEcho(serving, token, '/moved')).toBe(404)
    await editDraft((draft) => {
      draft.listeners = [{ type: 'http', paths: [{ path: '/moved' }], entrypoints: [{ type: 'http-proxy' }] }]
    })
    expect(await command.run('deploy', folder)).toMatchObject({ code: 0, stdout: 'Echo deployed, revision 2\n' })
    expect([await statusOfEcho(serving, token, '/moved'), await statusOfEcho(serving, token)]).toEqual([200, 404])
    serving.signal('SIGTERM')
    expect(await serving.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a process that is killed', () => {
  it('in the middle of changes of several files leaves a workspace that works', { timeout: 60_000 }, async () => {
    const sample = await init()
    for (const afterChanges of [1, 4, 9]) {
      const serving = await command.serve(folder)
      const [domain] = (await operate(serving, 'domains.list')) as unknown as { id: string }[]
      const domainId = domain!.id
      let made = 0
      const change = async (algorithm: string) => {
        for (;;) {
          const { application } = await operate(serving, 'applications.create', {
            domainId,
            name: `app ${Math.random()}`,
          })
          if (++made === afterChanges) serving.signal('SIGKILL')
          const { id } = application as { id: string }
          await operate(serving, 'applications.rotateSecret', { domainId, applicationId: id })
          const { keys } = (await operate(serving, 'domains.get', { domainId })) as unknown as Pick<Domain, 'keys'>
          const key = keys.find((each) => each.algorithm === algorithm && each.status === 'active')
          if (key) await operate(serving, 'keys.rotate', { domainId, keyId: key.id, overlapSeconds: 0 })
          else await operate(serving, 'keys.add', { domainId, algorithm, makeDefault: true })
          await operate(serving, 'applications.delete', { domainId, applicationId: id })
        }
      }
      await expect(Promise.all([change('ES256'), change('EdDSA')])).rejects.toThrow()
      expect(await serving.ended).toMatchObject({ code: null })

      const again = await command.serve(folder)
      expect((await operate(again, 'workspace.get')).problems).toEqual([])
      expect(await statusOfEcho(again, await newToken(again, sample))).toBe(200)
      again.signal('SIGTERM')
      expect(await again.ended).toMatchObject({ code: 0, stderr: '' })
    }
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
    const { code, stdout, stderr } = await command.run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^gatehouse: .+\n$/)
    expect(stderr).toContain(says)
  })
})
