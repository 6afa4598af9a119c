import type { Http2Stream } from 'node:http2'

/**
 * Calls back when the body of a stream is cut by a reset without a fault, whoever sent that: what came of it is not all (RFC 9113
 * §8.1). To be called before anything is read.
 *
 * Node ends such a body as if it were whole, and tells it as `aborted` only while the stream's other side is open. But it has closed
 * the stream by then, which it does only later where the peer has said that the body ends.
 *
 * @returns whether it was cut
 */
export function watchEnding(stream: Http2Stream, onCut: () => void = () => undefined): () => boolean {
  let isCut: boolean | undefined
  const push = stream.push.bind(stream)
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    // The first end alone counts: when the stream closes, node may say it again.
    if (chunk === null && isCut === undefined) {
      isCut = stream.closed
      if (isCut) onCut()
    }
    return push(chunk, encoding)
  }
  return () => isCut === true
}
