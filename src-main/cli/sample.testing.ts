import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { buildCommand, type Command, type Serving } from './command.testing'

export interface Sample {
  readonly domain: string
  readonly clientId: string
  readonly clientSecret: string
  readonly api: string
}

/** The command as it is built, and for each test a folder; with what is asked of the sample in it. To be called once in a file. */
export function withCommand() {
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

  return {
    command: () => command,
    home: () => home,
    folder: () => folder,
    init,
    basic,
    exchange,
    askToken,
    bodyOf,
    newToken,
    statusOfEcho,
    editDraft,
  }
}
