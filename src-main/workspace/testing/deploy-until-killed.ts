import { openWorkspace } from '../index'

/** Adds revisions to the first API, or deletes it, telling on stdout each revision that was added or has gone. */
const [mode, folder = '', keyFolder = ''] = process.argv.slice(2)
const store = await openWorkspace(folder, { keyFolder })
const { definition } = store.apis()[0]!
if (mode === 'delete') {
  // The files are watched as a person would see them; being killed at any of them is what the test is about.
  const count = () => store.deployments(definition.id).length
  let left = count()
  const look = setInterval(() => {
    if (count() < left) process.stdout.write(`${(left = count())}\n`)
  })
  await store.deleteApi(definition.id)
  clearInterval(look)
  process.stdout.write('0\n')
  await store.close()
} else {
  for (let revision = store.deployments(definition.id).length + 1; ; revision++) {
    const deployedAt = new Date().toISOString()
    await store.addDeployment({ apiId: definition.id, revision, deployedAt, changes: [], definition })
    process.stdout.write(`${revision}\n`)
  }
}
