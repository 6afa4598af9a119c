import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Subject, start } from './process.ts'

const PRODUCT = resolve(import.meta.dirname, '../out/main/cli.js')

/** The product under test: `gatehouse serve` on a workspace of its own, driven through its management API as a script would. */
export interface Gatehouse extends Subject {
  readonly gateway: string
  readonly authorization: string
  readonly sample: { domain: string; clientId: string; clientSecret: string; api: string }
  run<T>(operation: string, input: unknown): Promise<T>
  /**
   * Stops it and starts it anew on the same workspace; this one is then no more.
   *
   * @param between is given the workspace's folder while nobody has it open
   */
  restart(between?: (workspace: string) => void): Promise<Gatehouse>
}

/** Starts it on the sample workspace, with free ports. @param cli the command's file, where it is not the built product's */
export async function startGatehouse(cli = PRODUCT): Promise<Gatehouse> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  process.env.XDG_CONFIG_HOME = join(folder, 'config')
  const sample = JSON.parse(
    execFileSync(process.execPath, [cli, 'init', join(folder, 'workspace'), '--json'], { encoding: 'utf8' }),
  ) as Gatehouse['sample']
  return serve(cli, folder, sample)
}

async function serve(cli: string, folder: string, sample: Gatehouse['sample']): Promise<Gatehouse> {
  const subject = await start(
    cli,
    ...['serve', join(folder, 'workspace')],
    ...['--gateway-port', '0', '--authorization-port', '0', '--management-port', '0', '--json'],
  )
  const { gateway, authorization, management, managementToken } = subject.ready as Record<string, string>
  return {
    ...subject,
    gateway: gateway!,
    authorization: authorization!,
    sample,
    async run<T>(operation: string, input: unknown): Promise<T> {
      const response = await fetch(`${management}/operations/${operation}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${managementToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(input),
      })
      const answer = (await response.json()) as T
      if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`)
      return answer
    },
    async restart(between) {
      await subject.stop()
      between?.(join(folder, 'workspace'))
      return serve(cli, folder, sample)
    },
    async stop() {
      await subject.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A token for the sample's application. */
export async function getToken({ authorization, sample }: Gatehouse): Promise<string> {
  const response = await fetch(`${authorization}/${sample.domain}/oauth/token`, {
    method: 'POST',
    headers: { authorization: basic(sample.clientId, sample.clientSecret) },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
}

interface ApiState {
  definition: { id: string; endpointGroups: { endpoints: { configuration: { target: string } }[] }[] }
  version: string
}

/** Points the sample's API, with its OAuth2 policy, at another backend, and deploys it. */
export async function pointSampleAt(gatehouse: Gatehouse, backend: string): Promise<void> {
  const [api] = await gatehouse.run<ApiState[]>('apis.list', {})
  api!.definition.endpointGroups[0]!.endpoints[0]!.configuration.target = backend
  await gatehouse.run('apis.save', { apiId: api!.definition.id, definition: api!.definition, version: api!.version })
  await gatehouse.run('apis.deploy', { apiId: api!.definition.id })
}
