import { safeStorage } from 'electron'
import type { Keyring } from '../workspace/store'

/**
 * The system's keyring, or undefined where there is none. On a Linux machine without one, Chromium falls back to a
 * password that is the same everywhere: that is no protection, so the workspace keeps its key in a file instead.
 */
export function systemKeyring(): Keyring | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined
  if (process.platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend()
    if (backend === 'basic_text' || backend === 'unknown') return undefined
  }
  return {
    seal: (key) => safeStorage.encryptString(key.toString('base64')),
    open: (sealed) => Buffer.from(safeStorage.decryptString(sealed), 'base64'),
  }
}
