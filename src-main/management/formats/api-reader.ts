import { Worker } from 'node:worker_threads'
import { ProblemError } from '@shared/problem'
import type { ReadAnswer, ReadOrder } from './reading-thread'
import { readApiFile, type ApiFile } from './read-api-file'
import { unreadable } from './unreadable'

/**
 * Reads an API from the text of a file.
 *
 * @throws ProblemError API_FILE_UNREADABLE
 */
export type ApiReader = (order: ReadOrder) => Promise<ApiFile>

/** Milliseconds that a file may take: the largest of those that are known takes a third of it, as YAML. */
const LONGEST_MS = 60_000
/** Megabytes of memory that a reading may take: five times what the largest of those that are known needs. */
const MOST_MEMORY = 2048

/** How a file is read in a thread of its own. */
export interface ReadingThread {
  /** The built `formats/reading-thread.js`. */
  readonly url: URL
  /** Ends what is being read. */
  readonly closing: AbortSignal
  /** Milliseconds. */
  readonly limitMs?: number
}

/**
 * A reader that works in a thread of its own, so that nothing waits for a long file, and that gives up a file which takes too long.
 *
 * @param thread without one, files are read at once in this thread
 */
export function createApiReader(thread: ReadingThread | undefined): ApiReader {
  return async (order) => {
    if (thread === undefined) return readApiFile(order.content, order)
    const answer = await inThread(thread, order)
    if ('problem' in answer) throw new ProblemError(answer.problem)
    return answer.file
  }
}

function inThread({ url, closing, limitMs = LONGEST_MS }: ReadingThread, order: ReadOrder): Promise<ReadAnswer> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(url, {
      workerData: order,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY },
    })
    const givenUp = (message: string) =>
      unreadable(order.fileName, message, 'Leave out what the API does not need, or convert YAML to JSON, which is read many times faster.') // prettier-ignore
    const limit = setTimeout(() => {
      reject(givenUp(`reading it takes more than ${Math.round(limitMs / 1000)} seconds`))
      void thread.terminate()
    }, limitMs)
    const stop = () => {
      reject(unreadable(order.fileName, 'the workspace was closed meanwhile', 'Open it, and import the file again.'))
      void thread.terminate()
    }
    closing.addEventListener('abort', stop, { once: true })
    thread.once('message', resolve)
    thread.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? givenUp('reading it takes too much memory') : error)
    })
    thread.once('exit', () => {
      clearTimeout(limit)
      closing.removeEventListener('abort', stop)
      reject(new Error('The thread that reads a file ended without an answer'))
    })
  })
}
