import type { ApiState } from '@shared/operations'
import { pathsOf } from '../management/definition/context-path'
import { parseCommand } from './arguments'
import { CommandError } from './fail'
import { refusal, runOperations, value, type Run } from './run-operations'

/** `gatehouse deploy DIR [API…]`: freezes drafts as revisions, of the APIs named by name, path or id, else of all that changed. */
export async function deploy(args: readonly string[]): Promise<void> {
  const { folder, rest } = parseCommand('deploy', args, {}, Number.POSITIVE_INFINITY)
  await runOperations(folder, (run) => deployAll(run, rest))
}

async function deployAll(run: Run, wanted: readonly string[]): Promise<void> {
  const apis = (await value(run, 'apis.list', {})) as ApiState[]
  const chosen = wanted.length === 0 ? apis : wanted.map((name) => find(apis, name))
  if (chosen.length === 0) console.log('There is no API to deploy.')
  const failures: string[] = []
  for (const { definition, deployedRevision: before } of chosen) {
    const answer = await run('apis.deploy', { apiId: definition.id })
    if (!answer.ok) {
      failures.push(`${definition.name}: ${refusal(answer)}`)
      continue
    }
    const { deployedRevision: now } = answer.value as ApiState
    console.log(`${definition.name} ${now === before ? 'is deployed already' : 'deployed'}, revision ${now}`)
  }
  if (failures.length > 0) throw new CommandError(`Not deployed: ${failures.join(' ')}`)
}

function find(apis: readonly ApiState[], wanted: string): ApiState {
  const found = apis.find(
    ({ definition }) =>
      definition.id === wanted ||
      definition.name.toLowerCase() === wanted.toLowerCase() ||
      pathsOf(definition).includes(wanted),
  )
  if (found) return found
  const names = apis.map(({ definition }) => definition.name).join(', ')
  throw new CommandError(`There is no API ${wanted}. There ${names === '' ? 'is none' : `are: ${names}`}.`)
}
