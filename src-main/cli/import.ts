import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ApiImportPreview, FormatNote, FormatNoteKind, ImportChoices } from '@shared/api-formats'
import { codeOf } from '@shared/error-code'
import type { ApiState, OperationOutput } from '@shared/operations'
import { pathsOf } from '../management/definition/context-path'
import { parseCommand } from './arguments'
import { CommandError } from './fail'
import { refusal, runOperations, value, type Run } from './run-operations'

/** A file, and what would come of it. */
interface Planned {
  readonly input: { readonly content: string; readonly fileName: string; readonly choices: ImportChoices }
  /** The API whose draft it takes the place of. */
  readonly apiId: string | undefined
  readonly preview: ApiImportPreview
}

/** What was made of a file; `--json` prints a list of these. */
interface Imported {
  readonly file: string
  readonly format: string
  readonly id: string
  readonly name: string
  readonly paths: readonly string[]
  readonly replaced: boolean
  readonly revision?: number
  readonly notes: readonly FormatNote[]
}

/**
 * `gatehouse import DIR FILE… [--deploy] [--mocks] [--checks] [--token-plans] [--json]`: APIs from Gravitee's definitions and exports and from OpenAPI
 * documents. A file whose API is there already, by its id or else its name, takes the place of its draft, so that the same command
 * can be run again. All files are looked at before the first is imported.
 */
export async function importApis(args: readonly string[]): Promise<void> {
  const off = { type: 'boolean', default: false } as const
  const options = { deploy: off, json: off, mocks: off, checks: off, 'token-plans': off }
  const { folder, rest, values } = parseCommand('import', args, options, Number.POSITIVE_INFINITY)
  if (rest.length === 0)
    throw new CommandError('Which file? Name what is to be imported, e.g. gatehouse import my-workspace api.json.', 2)
  const choices: ImportChoices = {
    mocks: values.mocks,
    checks: values.checks,
    tokens: values['token-plans'] ? 'plan' : 'policy',
  }
  const contents = await Promise.all(rest.map(contentOf))
  await runOperations(folder, async (run) => {
    const plans: Planned[] = []
    for (const [index, fileName] of rest.entries())
      plans.push(await plan(run, { content: contents[index]!, fileName, choices }))
    refuseTwins(plans)
    const imported: Imported[] = []
    const failures: string[] = []
    for (const each of plans) {
      const made = await importOne(run, each)
      const answer = values.deploy ? await run('apis.deploy', { apiId: made.id }) : undefined
      if (answer && !answer.ok) failures.push(`${made.name}: ${refusal(answer)}`)
      const revision = answer?.ok === true ? (answer.value as ApiState).deployedRevision : undefined
      imported.push(revision === undefined ? made : { ...made, revision })
    }
    console.log(values.json ? JSON.stringify(imported) : imported.map(readable).join('\n'))
    if (failures.length > 0) throw new CommandError(`Imported, and not deployed: ${failures.join('; ')}`)
  })
}

async function contentOf(name: string): Promise<string> {
  try {
    return await readFile(resolve(name), 'utf8')
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = { ENOENT: 'is not there', EISDIR: 'is a folder' }
    throw new CommandError(`${name} ${reasons[codeOf(error) ?? ''] ?? 'cannot be read'}. Name a file.`)
  }
}

/** Looks at a file; ends with what stands in its way. */
async function plan(run: Run, input: Planned['input']): Promise<Planned> {
  const { conflicts } = await previewed(run, input)
  const same = conflicts.find(({ what }) => what === 'id') ?? conflicts.find(({ what }) => what === 'name')
  const preview = await previewed(run, same === undefined ? input : { ...input, apiId: same.apiId })
  const [problem] = preview.problems
  if (problem) throw new CommandError([problem.message, problem.remedy].filter(Boolean).join('. '))
  const conflict = preview.conflicts.find(({ what }) => what !== 'id')
  if (conflict) throw new CommandError(`${input.fileName}: ${conflict.sentence}. ${conflict.remedy}`)
  return { input, apiId: same?.apiId, preview }
}

const previewed = async (run: Run, input: object) => (await value(run, 'apis.importPreview', input)) as ApiImportPreview

/** Of files that would stand in each other's way none is imported. */
function refuseTwins(plans: readonly Planned[]): void {
  const owners = new Map<string, string>()
  for (const { input, preview } of plans)
    for (const claimed of [`the name ${preview.name}`, ...new Set(preview.paths.map((path) => `the path ${path}`))]) {
      const owner = owners.get(claimed.toLowerCase())
      if (owner !== undefined)
        throw new CommandError(`${owner} and ${input.fileName} both have ${claimed}. Change it in one of the two.`)
      owners.set(claimed.toLowerCase(), input.fileName)
    }
}

async function importOne(run: Run, { input, apiId, preview }: Planned): Promise<Imported> {
  const { api, notes } = (await value(run, 'apis.import', {
    ...input,
    ...(apiId === undefined ? {} : { apiId }),
  })) as OperationOutput<'apis.import'>
  return {
    file: input.fileName,
    format: preview.formatName,
    id: api.definition.id,
    name: api.definition.name,
    paths: pathsOf(api.definition),
    replaced: apiId !== undefined,
    notes,
  }
}

const MARKS: Readonly<Record<FormatNoteKind, string>> = {
  blocks: 'keeps it from being deployed',
  dropped: 'not taken over',
  unused: 'not acted on',
  changed: 'changed',
  kept: 'kept',
}

function readable({ file, format, name, paths, replaced, revision, notes }: Imported): string {
  const what = `${name} on ${paths.join(', ')} ${replaced ? 'replaced by' : 'imported from'} ${file} (${format})`
  const lines = notes.map(
    ({ kind, pointer, sentence, remedy }) =>
      `  ${MARKS[kind]}: ${[sentence, remedy].filter(Boolean).join('. ')}${pointer === '' ? '' : `  [${pointer}]`}`,
  )
  return [revision === undefined ? what : `${what}, deployed as revision ${revision}`, ...lines].join('\n')
}
