import { escapePointer } from '@shared/json-pointer'
import { isSecretVariable, parseSecretReference } from '@shared/secret-reference'
import type { SecretsProtection, WorkspaceProblem } from '@shared/workspace'
import { Type, type Static } from 'typebox'
import { ChangedMeanwhile } from '../files/durable-json'
import { fingerprint, formatJson } from '../files/json-text'
import { checkBy, openDocumentFile, readDocument, writeDocument } from '../files/read-document'
import { SECRETS_FILE } from '../layout'
import { fileBroken, refuse } from '../problems'
import type { OpenOptions, Secrets } from '../store'
import { findMasterKey, makeMasterKey, type MasterKey } from './master-key'
import { seal, unsealer, type Unsealed } from './sealing'

/** Format 1 did not say which key a value is sealed with; it is read, and its lines stay until they are replaced. */
const SECRETS_FORMAT = 2

/** `secrets.enc`: one sealed value a line, by id. */
const SecretsDocument = Type.Object({
  formatVersion: Type.Integer({ minimum: 1 }),
  values: Type.Record(Type.String(), Type.String()),
})
type SecretsDocument = Static<typeof SecretsDocument>
const check = checkBy(SecretsDocument)

/** The sealed values with what the workspace needs of them. */
export interface SecretsFile extends Secrets {
  readonly problems: readonly WorkspaceProblem[]
  /** Takes up what stands in the file now; whether that is something else than before. */
  reload(): Promise<boolean>
}

/** What has been read of the file. */
interface Opened {
  /** The last good one. */
  readonly document: SecretsDocument | undefined
  readonly values: ReadonlyMap<string, string>
  readonly problems: readonly WorkspaceProblem[]
  /** Nothing in the file is for the key that is at hand. */
  readonly locked?: WorkspaceProblem
  /** What stands in the file is not understood: it is not written over. */
  readonly broken?: WorkspaceProblem
}

const nothing: Opened = { document: undefined, values: new Map(), problems: [] }

/**
 * Opens `secrets.enc`. Never rejects for what is wrong with the key or the file: that is told by `problems`. A value that the
 * key does not open stays in the file until it is replaced or removed by its id.
 */
export async function openSecrets(folder: string, workspaceId: string, options: OpenOptions): Promise<SecretsFile> {
  const file = openDocumentFile<SecretsDocument>(folder, SECRETS_FILE, SecretsDocument)
  let key: MasterKey = await findMasterKey(workspaceId, options)
  let opened = await read(nothing)

  if (key.state === 'absent' && file.adapter.known === undefined) {
    key = await makeMasterKey(workspaceId, options)
    opened = await read(nothing)
  }

  /** @param before whose values run on until the file is repaired */
  async function read(before: Opened): Promise<Opened> {
    const result = await readDocument(file, check)
    const broken = (problem: WorkspaceProblem): Opened => ({ ...before, problems: [problem], broken: problem })
    if (result.outcome === 'missing') {
      if (key.state !== 'unusable') return nothing
      return { ...nothing, problems: [told(`Secrets cannot be kept on this machine: ${key.message}`, key.remedy)] }
    }
    if (result.outcome === 'broken') return broken(result.problem)
    const document = result.value
    if (document.formatVersion > SECRETS_FORMAT) {
      const message = `Secrets cannot be opened: ${SECRETS_FILE} has format ${document.formatVersion}, and this version knows ${SECRETS_FORMAT}`
      return broken(told(message, 'Open the workspace with a newer Gatehouse.', '/formatVersion'))
    }
    return document === before.document ? before : openWith(key, document, before)
  }

  async function change(
    ids: readonly string[],
    edit: (values: Record<string, string>) => void | Promise<void>,
  ): Promise<void> {
    // An edit from outside that had not been seen yet is taken up first, and the change is made on top of it.
    await reload()
    if (opened.broken !== undefined) throw fileBroken(SECRETS_FILE, opened.broken)
    // Replacing one of the values says that their key will not come; adding another one does not.
    if (opened.locked !== undefined && !ids.some((id) => Object.hasOwn(opened.document?.values ?? {}, id))) {
      throw secretsLocked(opened.locked.message, opened.locked.remedy)
    }
    const values = { ...opened.document?.values }
    await edit(values)
    const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
    try {
      await writeDocument(file, { formatVersion: SECRETS_FORMAT, values: sorted })
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return change(ids, edit)
      throw error
    }
    opened = await read(opened)
  }

  /** The key to write with; made when there is none. Rejects when there is one that cannot be used. */
  async function writingKey(): Promise<Buffer> {
    if (key.state === 'absent') key = await makeMasterKey(workspaceId, options)
    if (key.state === 'ready') return key.key
    throw secretsLocked(`Secrets cannot be kept on this machine: ${key.message}`, key.remedy)
  }

  async function reload(): Promise<boolean> {
    const before = file.adapter.known
    const next = await read(opened)
    if (file.adapter.known === before) return false
    opened = next
    return true
  }

  return {
    get protection(): SecretsProtection {
      return key.protection
    },
    get keyFile() {
      return key.state === 'ready' ? key.keyFile : undefined
    },
    get problems() {
      return opened.problems
    },
    get version() {
      return fingerprint(formatJson(opened.document?.values ?? {}))
    },
    get: (id) => opened.values.get(id),
    ids: () => Object.keys(opened.document?.values ?? {}),
    has: (id) => Object.hasOwn(opened.document?.values ?? {}, id),
    async set(given) {
      await change(Object.keys(given), async (values) => {
        const bytes = await writingKey()
        for (const [id, value] of Object.entries(given)) {
          // What did not change keeps its line, so that a diff shows what did.
          if (opened.values.get(id) !== value) values[id] = seal(bytes, id, value)
        }
      })
    },
    async remove(ids) {
      // Taking a line away needs no key. In a file that is not understood it stays, and opens nothing.
      if (opened.broken !== undefined || !ids.some((id) => opened.document?.values[id] !== undefined)) return
      await change(ids, (values) => {
        for (const id of ids) delete values[id]
      })
    },
    resolve(text) {
      const reference = parseSecretReference(text)
      if (reference === undefined) return text
      if (reference.provider === 'gatehouse') return opened.values.get(reference.path)
      return isSecretVariable(reference.path) ? process.env[reference.path] : undefined
    },
    reload,
  }
}

/**
 * Opens what the key opens, and tells what it does not. A line that is as it was before has been opened already: of ten thousand
 * passwords one is new.
 */
function openWith(key: MasterKey, document: SecretsDocument, before: Opened): Opened {
  const lines = Object.entries(document.values)
  const values = new Map<string, string>()
  const locked = (message: string, remedy: string): Opened => {
    const problem = told(`Secrets cannot be opened on this machine: ${message}`, remedy)
    return { document, values, problems: [problem], locked: problem }
  }
  if (key.state !== 'ready') {
    return lines.length > 0 ? locked(key.message, key.remedy) : { document, values, problems: [] }
  }

  const place = key.keyFile ?? (key.protection === 'environment' ? 'GATEHOUSE_KEY' : "the system's keyring")
  const problems: WorkspaceProblem[] = []
  let isOurs = lines.length === 0
  const unseal = unsealer(key.key)
  for (const [id, text] of lines) {
    const opened = before.document?.values[id] === text ? before.values.get(id) : undefined
    const unsealed: Unsealed = opened === undefined ? unseal(id, text) : { state: 'open', value: opened }
    isOurs ||= unsealed.state === 'open' || (unsealed.state === 'changed' && unsealed.namesKey)
    if (unsealed.state === 'open') values.set(id, unsealed.value)
    else {
      const [why, put] =
        unsealed.state === 'changed'
          ? ['its line was changed or moved', 'Put the line back as it was']
          : [`it is sealed with another key than the one in ${place}`, 'Open the workspace where that key is']
      const field = `/values/${escapePointer(id)}`
      problems.push(told(`The secret ${id} cannot be opened: ${why}`, `${put}, or replace the secret.`, field))
    }
  }
  if (isOurs) return { document, values, problems }
  return locked(
    `the key in ${place} is not the one that sealed them`,
    `Put the right key in ${place} and open the workspace again; or replace the secrets one by one (rotate each application's secret, then the signing keys of each domain); or move ${SECRETS_FILE} away to start with none.`,
  )
}

function told(message: string, remedy: string, field?: string): WorkspaceProblem {
  return { file: SECRETS_FILE, ...(field === undefined ? {} : { field }), message, remedy }
}

function secretsLocked(title: string, remedy: string) {
  return refuse({ key: 'SECRETS_LOCKED', status: 409, title, remedy })
}
