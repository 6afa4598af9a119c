import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '@shared/error-code'
import type { SecretsProtection } from '@shared/workspace'
import { isMissing, writeDurably } from '../files/durable-file'
import type { OpenOptions } from '../store'
import { KEY_BYTES } from './sealing'

/** The environment variable that may hold the key. */
const KEY_VARIABLE = 'GATEHOUSE_KEY'

/** The key of a workspace, or why there is none. */
export type MasterKey =
  | {
      readonly state: 'ready'
      readonly key: Buffer
      readonly protection: SecretsProtection
      readonly keyFile: string | undefined
    }
  /** No key anywhere: one may be made for a workspace without secrets. */
  | {
      readonly state: 'absent'
      readonly protection: SecretsProtection
      readonly message: string
      readonly remedy: string
    }
  /** There is one, and it cannot be used: a new one would hide it. */
  | {
      readonly state: 'unusable'
      readonly protection: SecretsProtection
      readonly message: string
      readonly remedy: string
    }

/** The key from GATEHOUSE_KEY, else from the key file, else from the keyring. */
export async function findMasterKey(workspaceId: string, options: OpenOptions): Promise<MasterKey> {
  const given = process.env[KEY_VARIABLE]
  if (given !== undefined && given !== '') return keyFromEnvironment(given)

  const { keyFile, sealedFile } = filesOf(workspaceId, options)
  const fromFile = await keyFromFile(keyFile)
  if (fromFile !== undefined) return fromFile

  const sealed = await readFile(sealedFile).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (sealed !== undefined) return openSealed(sealed, sealedFile, options)

  return {
    state: 'absent',
    protection: options.keyring === undefined ? 'key-file' : 'keyring',
    message: `its key is neither in GATEHOUSE_KEY nor in ${keyFile}`,
    remedy: `Put the key file of the machine that made the workspace at ${keyFile} (mode 0600), or start with GATEHOUSE_KEY set to the key; or replace the secrets one by one (rotate each application's secret, then the signing keys of each domain).`,
  }
}

/** Makes a key and keeps it: in the keyring when there is one, else in a file that only this user may read. */
export async function makeMasterKey(
  workspaceId: string,
  options: OpenOptions,
): Promise<Extract<MasterKey, { state: 'ready' }>> {
  const { folder, keyFile, sealedFile } = filesOf(workspaceId, options)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const key = randomBytes(KEY_BYTES)
  if (options.keyring !== undefined) {
    await writeDurably(sealedFile, options.keyring.seal(key), 0o600)
    return { state: 'ready', key, protection: 'keyring', keyFile: undefined }
  }
  await writeDurably(keyFile, `${key.toString('base64')}\n`, 0o600)
  // A umask may have taken bits away; it never adds any, and a reader checks them.
  await chmod(keyFile, 0o600)
  return { state: 'ready', key, protection: 'key-file', keyFile }
}

/** The folder of this user's keys, by the system's customs. */
export function defaultKeyFolder(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'gatehouse', 'keys')
  if (process.platform === 'win32') {
    return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'gatehouse', 'keys')
  }
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'gatehouse', 'keys')
}

function filesOf(workspaceId: string, options: OpenOptions) {
  const folder = options.keyFolder ?? defaultKeyFolder()
  // The id comes from a file that anybody may have written: it must not lead out of the folder.
  const name = workspaceId.replaceAll(/[^A-Za-z0-9_-]/g, '_')
  return { folder, keyFile: join(folder, `${name}.key`), sealedFile: join(folder, `${name}.sealed`) }
}

function keyFromEnvironment(text: string): MasterKey {
  const key = parseKey(text)
  if (key !== undefined) return { state: 'ready', key, protection: 'environment', keyFile: undefined }
  return {
    state: 'unusable',
    protection: 'environment',
    message: 'GATEHOUSE_KEY is not a key of 32 bytes',
    remedy: 'Set GATEHOUSE_KEY to 32 bytes as base64 or as 64 hex digits (openssl rand -base64 32), or leave it unset.',
  }
}

async function keyFromFile(keyFile: string): Promise<MasterKey | undefined> {
  const unusable = (message: string, remedy: string): MasterKey => ({
    state: 'unusable',
    protection: 'key-file',
    message,
    remedy,
  })
  try {
    const { mode } = await stat(keyFile)
    // Windows keeps access in lists that the mode does not tell; the folder is the user's own there.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return unusable(
        `others than you may read its key file ${keyFile} (mode 0${(mode & 0o777).toString(8)})`,
        `Run chmod 600 ${keyFile}, then open the workspace again. Replace the secrets when somebody may have read it.`,
      )
    }
    const key = parseKey(await readFile(keyFile, 'utf8'))
    if (key !== undefined) return { state: 'ready', key, protection: 'key-file', keyFile }
    return unusable(
      `its key file ${keyFile} does not hold a key of 32 bytes`,
      `Put ${keyFile} back from a backup, or move it away and replace the secrets one by one.`,
    )
  } catch (error) {
    if (isMissing(error)) return undefined
    return unusable(
      `its key file ${keyFile} cannot be read (${codeOf(error) ?? 'unknown reason'})`,
      'Make it readable for you, then open the workspace again.',
    )
  }
}

function openSealed(sealed: Buffer, sealedFile: string, { keyring }: OpenOptions): MasterKey {
  const unusable = (message: string, remedy: string): MasterKey => ({
    state: 'unusable',
    protection: 'keyring',
    message,
    remedy,
  })
  if (keyring === undefined) {
    return unusable(
      "its key is sealed by the system's keyring, which only the window can open",
      'Open the workspace in the window, or start with GATEHOUSE_KEY set to its key.',
    )
  }
  try {
    const key = keyring.open(sealed)
    if (key.length === KEY_BYTES) return { state: 'ready', key, protection: 'keyring', keyFile: undefined }
  } catch {
    // The reason is the keyring's own and may hold anything; what a person can do is the same.
  }
  return unusable(
    `the system's keyring does not open ${sealedFile}`,
    `Unlock the keyring of the user who made the workspace, or move ${sealedFile} away and replace the secrets one by one.`,
  )
}

function parseKey(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined
  const key = Buffer.from(trimmed, 'base64')
  return key.length === KEY_BYTES ? key : undefined
}
