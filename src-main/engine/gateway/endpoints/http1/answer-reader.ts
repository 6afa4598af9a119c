import { errors } from 'undici'

/** What comes before a body. */
export interface AnswerHead {
  readonly status: number
  /** Names in lower case; several fields of one name as a list, in their order. */
  readonly headers: Record<string, string | string[]>
}

/** Told of an answer as it comes. */
export interface AnswerListener {
  /** Of an interim answer (1xx but 101) too, to which another one follows. */
  onHead(head: AnswerHead): void
  onData(chunk: Buffer): void
  /** After the last of the body, or after a head that has none. */
  onEnd(trailers: Fields): void
}

type Fields = Record<string, string | string[]>
type State = 'idle' | 'head' | 'length' | 'rest' | 'size' | 'chunk' | 'after-chunk' | 'trailers' | 'ended' | 'raw'

/** Bytes of chunk extensions in one answer (RFC 9112 §7.1.1 asks for a limit). */
const MOST_EXTENSIONS = 16 * 1024
/** Of a line that begins a chunk: its size has thirteen digits at the most. */
const MOST_SIZE_LINE = 4096
/** Bytes that are looked at first: most heads are shorter. */
const USUAL_HEAD = 2048

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
/** Fields each with its line end (RFC 9112 §5): no space before the colon, no folded line, no control character. */
const FIELDS = /^(?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/
const CHUNK_SIZE = /^([\dA-Fa-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/

const NOTHING = Buffer.alloc(0)
const NO_FIELDS: Fields = Object.freeze({})

/** An answer that is none, or that two readers could read in two ways (RFC 9112 §11). */
export class AnswerFault extends Error {
  readonly code = 'ERR_GATEHOUSE_ANSWER'
}

/**
 * Reads the answers of HTTP/1.1 that come on one connection, one for each request (RFC 9112). Strict: a gateway that guesses what a
 * backend means may guess otherwise than its client.
 */
export class AnswerReader {
  /** Whether the connection can carry another request once this answer has ended (RFC 9112 §9.3). */
  persists = false
  /** Milliseconds that the backend says it keeps an unused connection; undefined when it says nothing. */
  keepAliveMs: number | undefined
  #state: State = 'idle'
  /** Bytes of the body, or of its chunk, that are to come. */
  #left = 0
  #extensions = 0
  /** The beginning of something that is read as a whole, or what came while stopped. */
  #held: Buffer | undefined
  /** Where `held` stands at the beginning, when there is room for more behind it. */
  #room: Buffer | undefined
  /** Bytes of `held` in which the end of a head or of trailers is not to be looked for again. */
  #searched = 0
  #trailers: Fields = NO_FIELDS
  #method = ''
  #upgrades = false
  #stopped = false
  #reading = false

  constructor(
    private readonly listener: AnswerListener,
    /** Bytes of a head, and of the fields after a body. */
    private readonly maxHeaderSize: number,
  ) {}

  /** Begins to wait for the answer to a request. */
  await(method: string, upgrades: boolean): void {
    this.#state = 'head'
    this.#method = method
    this.#upgrades = upgrades
    this.#extensions = 0
    this.persists = false
    this.keepAliveMs = undefined
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** Whether the listener is being told of something just now. */
  get isReading(): boolean {
    return this.#reading
  }

  /** What comes is kept until `go`, the end of the answer too. */
  stop(): void {
    this.#stopped = true
  }

  /** @throws AnswerFault, undici's HeadersOverflowError */
  go(): void {
    this.#stopped = false
    // A listener that stops and goes on in one call is still being told: who tells it goes on.
    if (!this.#reading) this.read(NOTHING)
  }

  /** What has come after a head with 101, which is no HTTP any more. */
  takeRest(): Buffer | undefined {
    const rest = this.#held
    this.#held = undefined
    return rest
  }

  /** @throws AnswerFault, undici's HeadersOverflowError */
  read(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : this.#joined(this.#held, chunk)
    this.#held = undefined
    this.#reading = true
    let at = 0
    while (!this.#stopped) {
      if (this.#state === 'ended') {
        // What follows the end was asked for by nobody, and is not to be taken for the next answer.
        if (at < bytes.length) this.persists = false
        this.#state = 'idle'
        this.#reading = false
        this.#room = undefined
        return this.listener.onEnd(this.#trailers)
      }
      if (at === bytes.length || this.#state === 'raw') break
      const next = this.#step(bytes, at)
      if (next === -1) break
      at = next
      this.#searched = 0
    }
    this.#reading = false
    if (at < bytes.length) this.#held = at === 0 ? bytes : bytes.subarray(at)
    // Of what has been passed on nothing may be written over.
    if (at > 0) this.#room = undefined
  }

  /** In time that grows with what has come, however small its pieces are. */
  #joined(held: Buffer, chunk: Buffer): Buffer {
    if (chunk.length === 0) return held
    const length = held.length + chunk.length
    if (this.#room === undefined || this.#room.length < length) {
      this.#room = Buffer.allocUnsafeSlow(2 * length)
      held.copy(this.#room)
    }
    chunk.copy(this.#room, held.length)
    return this.#room.subarray(0, length)
  }

  /**
   * The backend has ended its side.
   *
   * @returns whether what came was whole
   */
  ended(): boolean {
    if (this.#state !== 'rest') return false
    this.#state = 'ended'
    this.read(NOTHING)
    return true
  }

  /** Where to go on; -1 when more is needed. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#head(bytes, at)
      case 'length':
      case 'chunk':
        return this.#counted(bytes, at)
      case 'rest':
        this.listener.onData(at === 0 ? bytes : bytes.subarray(at))
        return bytes.length
      case 'size':
        return this.#size(bytes, at)
      case 'after-chunk':
        if (bytes.length - at < 2) return -1
        if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) throw new AnswerFault('a chunk is longer than it says')
        this.#state = 'size'
        return at + 2
      case 'trailers':
        return this.#afterBody(bytes, at)
      case 'idle':
      case 'ended':
      case 'raw':
        throw new AnswerFault('it goes on after its end')
    }
  }

  #head(bytes: Buffer, at: number): number {
    const to = Math.min(bytes.length, at + USUAL_HEAD)
    let text = bytes.toString('latin1', at, to)
    let end = text.indexOf('\r\n\r\n')
    if (end === -1) {
      const found = to < bytes.length ? this.#endOfFields(bytes, at, to - 3) : -1
      if (found === -1) {
        if (bytes.length - at > this.maxHeaderSize) throw new errors.HeadersOverflowError()
        refuseOther(text)
        return -1
      }
      end = found - at
      text = bytes.toString('latin1', at, found + 4)
    }
    if (end > this.maxHeaderSize) throw new errors.HeadersOverflowError()
    const line = text.indexOf('\r\n')
    const status = STATUS_LINE.exec(text.slice(0, line))
    if (status === null) throw new AnswerFault('its first line is none of HTTP/1.1')
    this.#begin(Number(status[2]), fieldsOf(text, line + 2, end + 2), status[1] === '1')
    return at + end + 4
  }

  /** RFC 9112 §6.3: where the answer ends. */
  #begin(status: number, headers: Fields, isHttp11: boolean): void {
    const coding = headers['transfer-encoding']
    const length = lengthOf(headers['content-length'])
    if (coding !== undefined) {
      if (length !== undefined) throw new AnswerFault('it has both a Content-Length and a Transfer-Encoding')
      if (!isHttp11) throw new AnswerFault('it is of HTTP/1.0, which has no Transfer-Encoding')
      if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked')
        throw new AnswerFault('its Transfer-Encoding is not chunked alone')
    }
    if (status < 200) {
      if (status !== 101) return this.listener.onHead({ status, headers })
      if (!this.#upgrades) throw new AnswerFault('it changes to a protocol that was not asked for')
      this.#state = 'raw'
      return this.listener.onHead({ status, headers })
    }
    const says = tokens(headers.connection)
    this.persists = !says.includes('close') && (isHttp11 || says.includes('keep-alive'))
    if (this.persists) this.keepAliveMs = keepAliveOf(headers['keep-alive'])
    const bodiless = this.#method === 'HEAD' || status === 204 || status === 304
    this.#left = bodiless ? 0 : (length ?? 0)
    this.#trailers = NO_FIELDS
    if (bodiless) this.#state = 'ended'
    else if (coding !== undefined) this.#state = 'size'
    else if (length !== undefined) this.#state = length === 0 ? 'ended' : 'length'
    else {
      this.#state = 'rest'
      this.persists = false
    }
    this.listener.onHead({ status, headers })
  }

  #counted(bytes: Buffer, at: number): number {
    const length = Math.min(bytes.length - at, this.#left)
    this.#left -= length
    if (this.#left === 0) this.#state = this.#state === 'chunk' ? 'after-chunk' : 'ended'
    this.listener.onData(length === bytes.length ? bytes : bytes.subarray(at, at + length))
    return at + length
  }

  #size(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(0x0a, at)
    if ((end === -1 ? bytes.length : end) - at > MOST_SIZE_LINE) throw new AnswerFault('the size of a chunk has no end')
    if (end === -1) return -1
    const line = bytes.toString('latin1', at, end)
    const size = line.endsWith('\r') ? CHUNK_SIZE.exec(line.slice(0, -1)) : null
    if (size === null) throw new AnswerFault('the size of a chunk is none')
    this.#extensions += line.length - size[1]!.length - 1
    if (this.#extensions > MOST_EXTENSIONS) throw new AnswerFault('its chunks have too many extensions')
    this.#left = Number.parseInt(size[1]!, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'chunk'
    return end + 1
  }

  #afterBody(bytes: Buffer, at: number): number {
    if (bytes.length - at < 2) return -1
    if (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) {
      this.#state = 'ended'
      return at + 2
    }
    const end = this.#endOfFields(bytes, at, at)
    if ((end === -1 ? bytes.length : end) - at > this.maxHeaderSize) throw new errors.HeadersOverflowError()
    if (end === -1) return -1
    this.#trailers = fieldsOf(bytes.toString('latin1', at, end + 2), 0, end + 2 - at)
    this.#state = 'ended'
    return end + 4
  }

  /** Of what begins at `at`, looked for from `from` on; -1 when it has not come yet. */
  #endOfFields(bytes: Buffer, at: number, from: number): number {
    const end = bytes.indexOf('\r\n\r\n', Math.max(from, at + this.#searched), 'latin1')
    if (end === -1) this.#searched = Math.max(0, bytes.length - at - 3)
    return end
  }
}

/** What can be no beginning of an answer is not waited for to end. */
function refuseOther(text: string): void {
  const begins = 'HTTP/1.'.startsWith(text.slice(0, 7))
  if (!begins) throw new AnswerFault('it does not begin as one of HTTP/1.1 does')
}

/** An object without a prototype, that V8 knows the shape of: names such as `__proto__` are names like any other. */
const NoFields = function () {} as unknown as new () => Fields
NoFields.prototype = Object.create(null) as object

function fieldsOf(text: string, from: number, to: number): Fields {
  const lines = text.slice(from, to)
  if (!FIELDS.test(lines)) throw new AnswerFault('one of its header fields is malformed')
  const fields = new NoFields()
  let at = 0
  while (at < lines.length) {
    const colon = lines.indexOf(':', at)
    const end = lines.indexOf('\r\n', colon)
    const name = lowerCase(lines.slice(at, colon))
    const value = trimmed(lines, colon + 1, end)
    const before = fields[name]
    if (before === undefined) fields[name] = value
    else if (typeof before === 'string') fields[name] = [before, value]
    else before.push(value)
    at = end + 2
  }
  return fields
}

/** Without the spaces and tabs around it (RFC 9110 §5.6.3). */
function trimmed(lines: string, from: number, to: number): string {
  while (from < to && isSpace(lines.charCodeAt(from))) from++
  while (to > from && isSpace(lines.charCodeAt(to - 1))) to--
  return lines.slice(from, to)
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09

const MOST_NAMES = 500
const LONGEST_NAME = 64
const names = new Map<string, string>()

/** Backends say the same names again and again. What one of them makes up is forgotten again, and keeps nobody else's out. */
function lowerCase(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  if (name.length > LONGEST_NAME) return lower
  if (names.size === MOST_NAMES) names.clear()
  // A copy: a part of a head keeps all of it in memory.
  const own = Buffer.from(name, 'latin1').toString('latin1')
  names.set(own, own.toLowerCase())
  return lower
}

function lengthOf(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value))
    throw new AnswerFault('its Content-Length is not one number')
  return Number(value)
}

const NONE: readonly string[] = []

function tokens(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return NONE
  return String(value)
    .toLowerCase()
    .split(/[\s,]+/)
}

/** `Keep-Alive: timeout=5`, in seconds: what servers say of their patience, and no standard does. */
function keepAliveOf(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined
  const seconds = /\btimeout\s*=\s*(\d{1,9})/i.exec(String(value))?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
