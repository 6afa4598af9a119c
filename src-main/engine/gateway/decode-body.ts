import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { MAX_BODY } from './body'

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const

/** Codings that are understood, for messages. */
export const CODINGS = 'gzip, deflate and br'

/** Whether a body under this `Content-Encoding` can be read. */
export function isReadable(encoding: string | undefined): boolean {
  return codingsOf(encoding).every((coding) => coding in DECODERS)
}

/**
 * The bytes without their codings (RFC 9110 §8.4), undone in the reverse of their order.
 *
 * @returns `too-large` above MAX_BODY, so that a small body cannot grow without an end; `broken` when it is not what its header says
 */
export async function decodeBody(
  bytes: Buffer,
  encoding: string | undefined,
): Promise<Buffer | 'too-large' | 'broken'> {
  let decoded = bytes
  try {
    for (const coding of codingsOf(encoding).reverse())
      decoded = await DECODERS[coding as keyof typeof DECODERS](decoded, { maxOutputLength: MAX_BODY }) // as `isReadable` says
    return decoded
  } catch (error) {
    return error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? 'too-large'
      : 'broken'
  }
}

function codingsOf(encoding = ''): string[] {
  return encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
}
