/** What must outlive a restart but is nobody's document: revocations, codes, refresh tokens, sessions, consents. */
export interface State {
  get(key: string): Promise<string | undefined>
  /** Resolves when the value is on the disk (synced), so that what was answered afterwards survives a power cut. */
  put(key: string, value: string, options?: PutOptions): Promise<void>
  /** Durable like put; fine when the key is not there. */
  delete(key: string): Promise<void>
  /** All of it or nothing, durable like put: what must be true together is written together. */
  batch(changes: readonly StateChange[]): Promise<void>
  /**
   * Like put, but answered when it is written and not when it is on the disk: a power cut may lose the last of them. For what is only
   * told to people.
   */
  putLazily(key: string, value: string, options?: PutOptions): Promise<void>
  /** Like batch, but answered as putLazily is. */
  batchLazily(changes: readonly StateChange[]): Promise<void>
  /** The living entries whose key starts with `prefix`, in key order or the other way round. */
  entries(prefix: string, options?: EntriesOptions): AsyncIterable<StateEntry>
  /**
   * Removes what has expired and answers how many entries that were. It goes through all of them a few at a time, while other work goes
   * on.
   */
  purge(): Promise<number>
  close(): Promise<void>
}

export interface PutOptions {
  /** Milliseconds since the epoch, after which the entry counts as not there. Without it, it stays. */
  readonly expiresAt?: number
}

export interface EntriesOptions {
  readonly reverse?: boolean
  /** Only those whose key comes before this one. */
  readonly before?: string
}

export type StateChange =
  | { readonly type: 'put'; readonly key: string; readonly value: string; readonly expiresAt?: number }
  | { readonly type: 'del'; readonly key: string }

export interface StateEntry {
  readonly key: string
  readonly value: string
  readonly expiresAt?: number
}

/** The state cannot be opened; the message names the folder and says what to do. */
export class StateError extends Error {
  constructor(
    readonly code: 'STATE_LOCKED' | 'STATE_CORRUPT' | 'STATE_UNAVAILABLE',
    readonly folder: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'StateError'
  }
}
