import { join } from 'node:path'
import { parseSecretReference } from '@shared/secret-reference'
import type { SecretsProtection, WorkspaceProblem } from '@shared/workspace'
import { Type, type Static } from 'typebox'
import { moveDurably } from '../files/durable-file'
import { fingerprint, formatJson } from '../files/json-text'
import { checkBy, openDocumentFile, readDocument, writeDocument } from '../files/read-document'
import { BACKUP_FOLDER, SECRETS_FILE } from '../layout'
import { fileChanged, refuse } from '../problems'
import type { OpenOptions, Secrets } from '../store'
import { findMasterKey, makeMasterKey, type MasterKey } from './master-key'
import { seal, unseal } from './sealing'

const SECRETS_FORMAT = 1
/** Sealed under this id, so that a wrong key is known before any secret is asked for. */
const KEY_CHECK = 'key-check'

/** `secrets.enc`: one sealed value a line, by id. */
const SecretsDocument = Type.Object({
  formatVersion: Type.Integer({ minimum: 1 }),
  keyCheck: Type.String(),
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
  readonly document: SecretsDocument | undefined
  readonly values: ReadonlyMap<string, string>
  readonly problems: readonly WorkspaceProblem[]
  /** The file holds something that this key does not open, or that cannot be read: it is moved away before it is replaced. */
  readonly mustBackUp: boolean
}

/** Opens `secrets.enc`. Never rejects for what is wrong with the key or the file: that is told by `problems`. */
export async function openSecrets(folder: string, workspaceId: string, options: OpenOptions): Promise<SecretsFile> {
  let file = openDocumentFile<SecretsDocument>(folder, SECRETS_FILE, SecretsDocument)
  let key: MasterKey = await findMasterKey(workspaceId, options)
  let opened = await read()

  if (key.state === 'absent' && file.adapter.known === undefined) {
    key = await makeMasterKey(workspaceId, options)
    opened = await read()
  }

  async function read(): Promise<Opened> {
    const result = await readDocument(file, check)
    const problem = (message: string, remedy: string, field?: string): WorkspaceProblem => ({
      file: SECRETS_FILE,
      ...(field === undefined ? {} : { field }),
      message,
      remedy,
    })
    const closed = (problems: WorkspaceProblem[], document?: SecretsDocument): Opened => ({
      document,
      values: new Map(),
      problems,
      mustBackUp: true,
    })
    if (result.outcome === 'missing') {
      const problems =
        key.state === 'unusable' ? [problem(`Secrets cannot be kept on this machine: ${key.message}`, key.remedy)] : []
      return { document: undefined, values: new Map(), problems, mustBackUp: false }
    }
    if (result.outcome === 'broken') return closed([result.problem])
    const document = result.value
    if (document.formatVersion > SECRETS_FORMAT) {
      const message = `Secrets cannot be opened: ${SECRETS_FILE} has format ${document.formatVersion}, and this version knows ${SECRETS_FORMAT}`
      return closed([problem(message, 'Open the workspace with a newer Gatehouse.', '/formatVersion')], document)
    }
    if (key.state !== 'ready') {
      return closed([problem(`Secrets cannot be opened on this machine: ${key.message}`, key.remedy)], document)
    }
    const { key: bytes } = key
    if (unseal(bytes, KEY_CHECK, document.keyCheck) === undefined) {
      const place = key.keyFile ?? (key.protection === 'environment' ? 'GATEHOUSE_KEY' : "the system's keyring")
      const message = `Secrets cannot be opened on this machine: the key in ${place} is not the one that sealed them`
      const remedy = `Put the right key in ${place}, or enter the secrets anew; ${SECRETS_FILE} is then kept as a backup.`
      return closed([problem(message, remedy)], document)
    }
    const values = new Map<string, string>()
    const problems: WorkspaceProblem[] = []
    for (const [id, sealed] of Object.entries(document.values)) {
      const value = unseal(bytes, id, sealed)
      if (value !== undefined) values.set(id, value)
      else {
        const field = `/values/${id.replaceAll('~', '~0').replaceAll('/', '~1')}`
        const message = `The secret ${id} cannot be opened: its line was changed or moved`
        problems.push(problem(message, 'Put the line back as it was, or enter the secret anew.', field))
      }
    }
    return { document, values, problems, mustBackUp: false }
  }

  /** The key to write with; made when there is none. Rejects when there is one that cannot be used. */
  async function writingKey(): Promise<Buffer> {
    if (key.state === 'absent') key = await makeMasterKey(workspaceId, options)
    if (key.state === 'ready') return key.key
    throw refuse({
      key: 'SECRETS_LOCKED',
      status: 409,
      title: `Secrets cannot be kept on this machine: ${key.message}`,
      remedy: key.remedy,
    })
  }

  async function change(edit: (values: Record<string, string>, key: Buffer) => void): Promise<void> {
    const bytes = await writingKey()
    // An edit from outside that had not been seen yet is taken up first, and the change is made on top of it.
    if ((await reload()) && opened.mustBackUp) throw fileChanged(SECRETS_FILE)
    // Empty when the file was never opened: then nothing of it can be taken over.
    const before = opened.values.size > 0 || !opened.mustBackUp ? opened.document : undefined
    if (opened.mustBackUp) {
      const stamp = new Date().toISOString().replaceAll(':', '-')
      await moveDurably(join(folder, SECRETS_FILE), join(folder, BACKUP_FOLDER, `${stamp}-${SECRETS_FILE}`))
      file = openDocumentFile<SecretsDocument>(folder, SECRETS_FILE, SecretsDocument)
    }
    const values = { ...before?.values }
    edit(values, bytes)
    const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
    await writeDocument(file, SecretsDocument, {
      ...before,
      formatVersion: SECRETS_FORMAT,
      keyCheck: before?.keyCheck ?? seal(bytes, KEY_CHECK, ''),
      values: sorted,
    })
    opened = await read()
  }

  async function reload(): Promise<boolean> {
    const before = file.adapter.known
    const next = await read()
    if (file.adapter.known === before) return false
    const broken = next.mustBackUp && next.document === undefined
    // The last good values run on until the file is repaired.
    opened = broken ? { ...opened, problems: next.problems, mustBackUp: true } : next
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
    set: (given) =>
      change((values, bytes) => {
        for (const [id, value] of Object.entries(given)) {
          // What did not change keeps its line, so that a diff shows what did.
          if (opened.values.get(id) !== value) values[id] = seal(bytes, id, value)
        }
      }),
    async remove(ids) {
      if (!ids.some((id) => opened.document?.values[id] !== undefined)) return
      // Nothing is lost by keeping what this machine cannot open.
      if (opened.mustBackUp) return
      await change((values) => {
        for (const id of ids) delete values[id]
      })
    },
    resolve(text) {
      const reference = parseSecretReference(text)
      if (reference === undefined) return text
      return reference.provider === 'env' ? process.env[reference.path] : opened.values.get(reference.path)
    },
    reload,
  }
}
