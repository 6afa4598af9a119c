import { openWorkspace } from '../index'

/** Edits a domain and a secret as fast as it can, telling on stdout each number that has been acknowledged. */
const [folder = '', keyFolder = ''] = process.argv.slice(2)
const store = await openWorkspace(folder, { keyFolder })
const before = store.domains()[0]
const now = new Date().toISOString()
for (let number = Number(before?.description ?? 0) + 1; ; number++) {
  await store.saveDomain({
    id: 'domain-1',
    name: 'Demo',
    path: 'demo',
    description: String(number),
    enabled: true,
    scopes: [],
    keys: [],
    applications: [],
    createdAt: now,
    updatedAt: now,
  })
  await store.secrets.set({ 'application/1': `secret ${number}` })
  process.stdout.write(`${number}\n`)
}
