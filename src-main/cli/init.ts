import { basename } from 'node:path'
import { createManagement } from '../management/management'
import { noEngine } from '../management/no-engine'
import { createSample } from '../management/sample'
import { createWorkspace, isWorkspace, openWorkspace } from '../workspace'
import { parseCommand } from './arguments'
import { CommandError } from './fail'
import { version } from './version'

/** `gatehouse init DIR [--json]`: a new workspace with the sample. */
export async function init(args: readonly string[]): Promise<void> {
  const { folder, values } = parseCommand('init', args, { json: { type: 'boolean', default: false } })
  if (await isWorkspace(folder))
    throw new CommandError(`${folder} is a workspace already. Run it with gatehouse serve ${folder}.`)
  await createWorkspace(folder, { name: basename(folder) })
  const store = await openWorkspace(folder)
  try {
    const management = createManagement({ store, engine: noEngine(store.document()), version })
    const sample = await createSample(management.call)
    await management.close()
    console.log(values.json ? JSON.stringify(sample) : readable(folder, sample))
  } finally {
    await store.close()
  }
}

function readable(folder: string, sample: Awaited<ReturnType<typeof createSample>>): string {
  return [
    `The workspace ${folder} is ready, with a sample:`,
    '',
    `  Domain         ${sample.domain}`,
    `  Client id      ${sample.clientId}`,
    `  Client secret  ${sample.clientSecret}`,
    `  API            ${sample.api}, secured by OAuth2 and deployed`,
    `  User           ${sample.username}`,
    `  Password       ${sample.password}`,
    '',
    `Run it:  gatehouse serve ${folder}`,
  ].join('\n')
}
