import type { ExportedFormat } from './api-formats'
import type { GatehouseEvent } from './events'
import type { LoginWindowMessage } from './login-window'
import type { Problem } from './problem'
import type { TrafficFormat } from './traffic-export'
import type { TrafficFilter } from './traffic-filter'

/** IPC channels between the window and the main process. */
export const channels = {
  operation: 'gatehouse:operation',
  event: 'gatehouse:event',
  login: 'gatehouse:login',
  shell: 'gatehouse:shell',
} as const

/** What an operation answers over a transport that cannot carry a thrown error whole. */
export type OperationAnswer = { ok: true; value: unknown } | { ok: false; problem: Problem }

/** What only a desktop can do. Each is a request from the window; the main process checks and does it. */
export type ShellRequest =
  | { do: 'open-workspace' }
  | { do: 'new-workspace' }
  | { do: 'show-workspace-folder' }
  | { do: 'copy'; text: string }
  | { do: 'set-theme'; theme: 'light' | 'dark' | 'system' }
  | { do: 'about' }
  | { do: 'licences' }
  /** Asks where to, and writes the certificate of the workspace's authority there; answers `{ file }`, or nothing when it was thought better of. */
  | { do: 'save-authority' }
  /** Asks where to, and writes what `traffic.export` answers there; answers `SavedTraffic`, or nothing when it was thought better of. */
  | { do: 'save-traffic'; format: TrafficFormat; filter: TrafficFilter }
  /** Asks where to, and writes an API's draft, or a revision of it, there as a file of the format; answers `{ file }`, or nothing when it was thought better of. */
  | { do: 'save-api'; apiId: string; format: ExportedFormat; syntax: 'json' | 'yaml'; revision?: number }
  /** Opens the login window at the address of an attempt, anew or as the user of the time before. */
  | { do: 'open-login'; attemptId: string; keepsSession: boolean }
  | { do: 'close-login' }

/** What `about` answers. */
export type About = { version: string; electron: string; chromium: string; node: string; platform: string }

/** What `save-traffic` answers. */
export type SavedTraffic = { file: string; requests: number; isWhole: boolean }

/** What `licences` answers: the licences of all that ships with the app. */
export type Licences = { text: string }

/** `window.gatehouse`, made by the preload: the one bridge. */
export interface Bridge {
  operation(name: string, input: unknown): Promise<OperationAnswer>
  shell(request: ShellRequest): Promise<OperationAnswer>
  /** Listens to events; answers how to stop. */
  onEvent(listener: (event: GatehouseEvent) => void): () => void
  /** Listens to what the login window does; answers how to stop. */
  onLogin(listener: (message: LoginWindowMessage) => void): () => void
}
