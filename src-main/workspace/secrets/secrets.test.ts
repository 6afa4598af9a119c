import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Keyring, OpenOptions } from '../store'
import { openSecrets } from './secrets'

let folder: string
let keyFolder: string
const open = (options: OpenOptions = {}) => openSecrets(folder, 'lab', { keyFolder, ...options })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-secrets-'))
  keyFolder = join(folder, 'keys')
  vi.stubEnv('GATEHOUSE_KEY', undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

it('keeps its key in a file that only this user may read, and refuses one that others may', async () => {
  const secrets = await open()
  await secrets.set({ a: 'one' })
  expect(secrets).toMatchObject({ protection: 'key-file', keyFile: join(keyFolder, 'lab.key') })
  if (process.platform === 'win32') return
  expect((await stat(secrets.keyFile!)).mode & 0o777).toBe(0o600)
  await chmod(secrets.keyFile!, 0o644)
  const exposed = await open()
  expect(exposed.get('a')).toBeUndefined()
  expect(exposed.problems[0]?.remedy).toContain(`chmod 600 ${keyFolder}`)
  await expect(exposed.set({ a: 'two' })).rejects.toMatchObject({ problem: { key: 'SECRETS_LOCKED' } })
})

it('takes the key from the environment in both forms, and says when it is none', async () => {
  const key = randomBytes(32)
  vi.stubEnv('GATEHOUSE_KEY', key.toString('base64'))
  await (await open()).set({ a: 'one' })
  vi.stubEnv('GATEHOUSE_KEY', key.toString('hex'))
  const secrets = await open()
  expect([secrets.protection, secrets.get('a')]).toEqual(['environment', 'one'])

  vi.stubEnv('GATEHOUSE_KEY', 'short')
  expect((await open()).problems).toMatchObject([{ message: expect.stringContaining('32 bytes') as string }])
  vi.stubEnv('GATEHOUSE_KEY', randomBytes(32).toString('base64'))
  const before = await readFile(join(folder, 'secrets.enc'), 'utf8')
  expect((await open()).problems).toMatchObject([{ message: expect.stringContaining('not the one') as string }])
  expect(await readFile(join(folder, 'secrets.enc'), 'utf8')).toBe(before)
})

it("seals its key with the system's keyring where there is one", async () => {
  const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0xff))
  const keyring: Keyring = { seal: flip, open: flip }
  const secrets = await open({ keyring })
  await secrets.set({ a: 'one' })
  expect(secrets.protection).toBe('keyring')
  expect(await readdir(keyFolder)).toEqual(['lab.sealed'])
  expect((await open({ keyring })).get('a')).toBe('one')
  expect((await open()).problems).toMatchObject([{ message: expect.stringContaining('keyring') as string }])
})

it('does not take one value for another, and opens the rest', async () => {
  await (await open()).set({ a: 'one', b: 'two', c: 'three' })
  const file = join(folder, 'secrets.enc')
  const document = JSON.parse(await readFile(file, 'utf8')) as { values: Record<string, string> }
  await writeFile(file, JSON.stringify({ ...document, values: { ...document.values, b: document.values.a } }))
  const secrets = await open()
  expect([secrets.get('a'), secrets.get('b'), secrets.get('c')]).toEqual(['one', undefined, 'three'])
  expect(secrets.problems).toMatchObject([{ file: 'secrets.enc', field: '/values/b' }])
})

it('changes one line for one value, and its version with it', async () => {
  const secrets = await open()
  await secrets.set({ a: 'one', b: 'two' })
  const lines = async () => (await readFile(join(folder, 'secrets.enc'), 'utf8')).split('\n')
  const [before, version] = [await lines(), secrets.version]
  await secrets.set({ a: 'one', b: 'other' })
  const after = await lines()
  expect(after.filter((line, index) => line !== before[index])).toHaveLength(1)
  expect(secrets.version).not.toBe(version)
})

it('keeps the values that it has when the file is broken from outside, and does not write over it', async () => {
  const secrets = await open()
  await secrets.set({ a: 'one' })
  await writeFile(join(folder, 'secrets.enc'), '<<<<<<< HEAD')
  expect(await secrets.reload()).toBe(true)
  expect(secrets.get('a')).toBe('one')
  await expect(secrets.set({ b: 'two' })).rejects.toMatchObject({ problem: { key: 'FILE_BROKEN' } })
  await secrets.remove(['a'])
  expect(await readFile(join(folder, 'secrets.enc'), 'utf8')).toBe('<<<<<<< HEAD')
})

const lines = async () =>
  (JSON.parse(await readFile(join(folder, 'secrets.enc'), 'utf8')) as { values: Record<string, string> }).values

it.each(['a missing', 'another'])('drops nothing with %s key, and takes replacements one by one', async (which) => {
  const here = await open()
  await here.set({ a: 'one', b: 'two', c: 'three' })
  const sealed = await lines()
  const otherFolder = join(folder, 'other')
  if (which === 'another') {
    await mkdir(otherFolder)
    await writeFile(join(otherFolder, 'lab.key'), randomBytes(32).toString('hex'), { mode: 0o600 })
  }
  const elsewhere = () => open({ keyFolder: otherFolder })

  const copied = await elsewhere()
  expect(copied.problems).toMatchObject([{ message: expect.stringContaining(join(otherFolder, 'lab.key')) as string }])
  await expect(copied.set({ d: 'new' })).rejects.toMatchObject({ problem: { key: 'SECRETS_LOCKED' } })
  expect(await lines()).toEqual(sealed)

  // One that is replaced says that the key will not come: from then on others may be added.
  await copied.set({ a: 'anew' })
  await copied.set({ d: 'new' })
  expect([copied.get('a'), copied.get('b'), copied.get('d')]).toEqual(['anew', undefined, 'new'])
  expect(await lines()).toMatchObject({ b: sealed.b, c: sealed.c })
  const again = await elsewhere()
  expect(again.problems.map(({ field }) => field)).toEqual(['/values/b', '/values/c'])
  expect(again.problems[0]?.message).toContain('another key')
  await again.set({ b: 'anew too' })
  await again.remove(['c'])
  expect((await elsewhere()).problems).toEqual([])
})

it('opens everything when the key comes back', async () => {
  await (await open()).set({ a: 'one' })
  await rename(join(keyFolder, 'lab.key'), join(folder, 'kept.key'))
  const without = await open()
  await expect(without.set({ b: 'two' })).rejects.toMatchObject({ problem: { key: 'SECRETS_LOCKED' } })
  await rename(join(folder, 'kept.key'), join(keyFolder, 'lab.key'))
  const secrets = await open()
  expect([secrets.get('a'), secrets.problems]).toEqual(['one', []])
})

it('reads format 1, whose lines name no key', async () => {
  await (await open()).set({ a: 'one', b: 'two' })
  const values = Object.fromEntries(Object.entries(await lines()).map(([id, text]) => [id, text.split('.')[1]]))
  await writeFile(join(folder, 'secrets.enc'), JSON.stringify({ formatVersion: 1, keyCheck: 'x', values }))
  const secrets = await open()
  expect([secrets.get('a'), secrets.get('b'), secrets.problems]).toEqual(['one', 'two', []])
  const copied = await open({ keyFolder: join(folder, 'other') })
  await expect(copied.set({ c: 'three' })).rejects.toMatchObject({ problem: { key: 'SECRETS_LOCKED' } })
})

it('resolves references to variables of the environment that are set for it, and to no other', async () => {
  vi.stubEnv('GATEHOUSE_SECRET_ORDERS', 'from outside')
  const secrets = await open()
  const text = 'secret://env/GATEHOUSE_SECRET_ORDERS'
  expect(secrets.resolve(text)).toBe('from outside')
  vi.stubEnv('GATEHOUSE_SECRET_ORDERS', undefined)
  expect(secrets.resolve(text)).toBeUndefined()
  // A workspace may come from anybody: neither the key of its secrets nor what other programs are given is for it.
  for (const name of ['GATEHOUSE_KEY', 'AWS_SECRET_ACCESS_KEY', 'gatehouse_secret_orders']) {
    vi.stubEnv(name, 'of somebody else')
    expect(secrets.resolve(`secret://env/${name}`)).toBeUndefined()
  }
})
