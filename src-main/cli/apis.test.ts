import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withCommand } from './sample.testing'

const { command, home, folder, init, newToken, statusOfEcho, editDraft } = withCommand()

describe('gatehouse import', () => {
  const petStore = `openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets/{id}:
    get:
      responses:
        200: { description: One, content: { application/json: { example: { name: Rex } } } }
`
  const file = (name: string) => join(home(), name)

  it('takes in a document, deploys it, and replaces it when it is run again', async () => {
    await init()
    await writeFile(file('pets.yaml'), petStore)
    const first = await command().run('import', folder(), file('pets.yaml'), '--deploy', '--json')
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
    const again = await command().run('import', folder(), file('pets.yaml'), '--deploy')
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
    const serving = await command().serve(folder())
    expect(await command().run('import', folder(), file('pets.yaml'), '--deploy')).toMatchObject({ code: 0 })
    expect((await fetch(`${serving.ready.gateway}/pets/pets/7`)).status).toBe(200)
    expect((await fetch(`${serving.ready.gateway}/pets/cats`)).status).toBe(404)
    serving.signal('SIGTERM')
    expect((await serving.ended).code).toBe(0)
  })

  it('of several files imports none when one is not right', async () => {
    await init()
    await writeFile(file('pets.yaml'), petStore)
    await writeFile(file('broken.json'), '{\n  "openapi": "3.1.0",\n  oops\n}')
    const { code, stderr } = await command().run('import', folder(), file('pets.yaml'), file('broken.json'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: .+broken\.json, line 3, column 3: here it stops being JSON\. .+\n$/)
    const twins = await command().run('import', folder(), file('pets.yaml'), file('pets.yaml'))
    expect(twins).toMatchObject({ code: 1, stdout: '' })
    expect(twins.stderr).toContain('both have the name Pets')
    const taken = petStore.replace('Pets', 'Other').replace('paths:', 'servers: [{ url: /echo }]\npaths:')
    await writeFile(file('taken.yaml'), taken)
    expect((await command().run('import', folder(), file('taken.yaml'))).stderr).toContain(
      'The path /echo belongs to the API Echo',
    )
    expect((await command().run('import', folder(), file('gone.yaml'))).stderr).toMatch(
      /gone\.yaml is not there\. Name a file\.\n$/,
    )
    expect(await command().run('import', folder())).toMatchObject({ code: 2 })
    expect(await command().run('import', folder(), file('pets.yaml'), '--nope')).toMatchObject({ code: 2 })
    expect((await command().run('deploy', folder())).stdout).toBe('Echo is deployed already, revision 1\n')
  })

  it('says why what it imported is not deployed', async () => {
    await init()
    const secured = petStore.replace('      responses', '      security: [{ login: [read] }]\n      responses')
    const schemes = 'components: { securitySchemes: { login: { type: http, scheme: bearer } } }\n'
    await writeFile(file('pets.yaml'), `${secured}${schemes}`)
    const { code, stdout, stderr } = await command().run('import', folder(), file('pets.yaml'), '--deploy', '--json')
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
    expect(await command().run('deploy', folder())).toMatchObject({
      code: 0,
      stdout: 'Echo is deployed already, revision 1\n',
    })
    await editDraft((draft) => (draft.description = 'Edited by hand'))
    expect(await command().run('deploy', folder(), '/echo')).toMatchObject({
      code: 0,
      stdout: 'Echo deployed, revision 2\n',
    })
    const { code, stderr } = await command().run('deploy', folder(), 'nope')
    expect([code, stderr]).toEqual([1, 'gatehouse: There is no API nope. There are: Echo.\n'])
  })

  it('refuses a draft that does not compile', async () => {
    await init()
    await editDraft((draft) => {
      const [flow] = draft.flows as { request: object[] }[]
      flow!.request = [{ name: 'OAuth2', enabled: true, policy: 'oauth2', configuration: { oauthResource: '' } }]
    })
    const { code, stderr } = await command().run('deploy', folder())
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
    const { code, stderr } = await command().run('deploy', folder())
    expect([code, stderr]).toEqual([
      1,
      'gatehouse: Not deployed: Echo: CORS cannot be done by this gateway yet. Switch it off. ' +
        'There is no load balancer sticky here. Use one of round-robin, random, weighted-round-robin, weighted-random.\n',
    ])
  })

  it('of a copy of the folder leaves alone the process that serves the one it was made from', async () => {
    await init()
    const serving = await command().serve(folder())
    const copy = join(home(), 'copy')
    await cp(folder(), copy, { recursive: true })
    await rm(join(copy, '.state', 'lock.json'), { force: true })
    await editDraft((draft) => (draft.description = 'Edited by hand'))
    expect(await command().run('deploy', copy)).toMatchObject({
      code: 0,
      stdout: 'Echo is deployed already, revision 1\n',
    })
    const other = await command().serve(copy)
    other.signal('SIGTERM')
    await other.ended
    expect(await command().run('deploy', folder())).toMatchObject({ code: 0, stdout: 'Echo deployed, revision 2\n' })
    serving.signal('SIGTERM')
    await serving.ended
  })

  it('has the process that serves the workspace take them up at once', async () => {
    const sample = await init()
    const serving = await command().serve(folder())
    const token = await newToken(serving, sample)
    expect(await statusOfEcho(serving, token, '/moved')).toBe(404)
    await editDraft((draft) => {
      draft.listeners = [{ type: 'http', paths: [{ path: '/moved' }], entrypoints: [{ type: 'http-proxy' }] }]
    })
    expect(await command().run('deploy', folder())).toMatchObject({ code: 0, stdout: 'Echo deployed, revision 2\n' })
    expect([await statusOfEcho(serving, token, '/moved'), await statusOfEcho(serving, token)]).toEqual([200, 404])
    serving.signal('SIGTERM')
    expect(await serving.ended).toMatchObject({ code: 0, stderr: '' })
  })
})
