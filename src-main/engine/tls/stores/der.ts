/** A value of DER, or of the BER that PKCS #12 allows (X.690): its tag and its content. */
export interface Der {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

/** What is read is no DER, or not of the form that is wanted. */
export class DerError extends Error {}

export const SEQUENCE = 0x30
export const INTEGER = 0x02
export const OCTETS = 0x04
export const OBJECT_ID = 0x06

/** Of an octet string that consists of pieces (X.690 §8.7.3). */
const OCTETS_IN_PIECES = 0x24
/** Values within values whose length is told at their end. Mozilla's tools, which write such stores, come to eight. */
const DEEPEST = 16

/** The first value in some bytes. @throws DerError */
export function readDer(bytes: Buffer, depth = 0): Der {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined) throw new DerError('It ends early')
  if (first === 0x80) return readToEnd(bytes, tag, depth)
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  // Four bytes are four gigabytes.
  if (lengthBytes > 4) throw new DerError('It is no DER')
  const start = 2 + lengthBytes
  const length = lengthBytes === 0 ? first : bytes.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0)
  if (bytes.length < start + length) throw new DerError('It ends early')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) }
}

/** A value that ends with two bytes of nothing (X.690 §8.1.5). */
function readToEnd(bytes: Buffer, tag: number, depth: number): Der {
  if (depth >= DEEPEST) throw new DerError('Its parts stand in one another too deep')
  let end = 2
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += readDer(bytes.subarray(end), depth + 1).whole.length
  return { tag, content: bytes.subarray(2, end), whole: bytes.subarray(0, end + 2) }
}

/** The bytes of an octet string, in one piece or in several. @throws DerError */
export function octetsOf(value: Der | undefined): Buffer {
  if (value?.tag !== OCTETS_IN_PIECES) return expectDer(value, OCTETS).content
  return Buffer.concat(membersOf(value).map((piece) => expectDer(piece, OCTETS).content))
}

/** The values that a value consists of. @throws DerError */
export function membersOf({ content }: Der): Der[] {
  const members: Der[] = []
  for (let rest = content; rest.length > 0; rest = rest.subarray(members.at(-1)!.whole.length))
    members.push(readDer(rest))
  return members
}

/** The value, which must be of the tag. @throws DerError */
export function expectDer(value: Der | undefined, tag: number): Der {
  if (value?.tag !== tag) throw new DerError('It is not of the form that is wanted')
  return value
}

/** `1.2.840.113549`. @throws DerError */
export function objectId(value: Der | undefined): string {
  const { content } = expectDer(value, OBJECT_ID)
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}

/** A whole number that is not negative and fits. @throws DerError */
export function wholeNumber(value: Der | undefined): number {
  const { content } = expectDer(value, INTEGER)
  if (content.length === 0 || content.length > 5) throw new DerError('A number in it is too large')
  return content.reduce((sum, byte) => sum * 256 + byte, 0)
}
