import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Domain } from '@shared/domain'
import { operate, type Serving } from './command.testing'
import { withCommand } from './sample.testing'

const { command, folder, init, newToken, statusOfEcho } = withCommand()

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
    const serving = await command().serve(folder())
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

describe('a process that is killed', () => {
  it('in the middle of changes of several files leaves a workspace that works', { timeout: 60_000 }, async () => {
    const sample = await init()
    for (const afterChanges of [1, 4, 9]) {
      const serving = await command().serve(folder())
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

      const again = await command().serve(folder())
      expect((await operate(again, 'workspace.get')).problems).toEqual([])
      expect(await statusOfEcho(again, await newToken(again, sample))).toBe(200)
      again.signal('SIGTERM')
      expect(await again.ended).toMatchObject({ code: 0, stderr: '' })
    }
  })
})
