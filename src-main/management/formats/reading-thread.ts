import { parentPort, workerData } from 'node:worker_threads'
import type { ImportChoices } from '@shared/api-formats'
import { ProblemError, type Problem } from '@shared/problem'
import { readApiFile, type ApiFile } from './read-api-file'

/** Entry of the thread that reads one file of an API. */

export interface ReadOrder {
  readonly content: string
  readonly fileName?: string
  readonly choices?: ImportChoices
}

export type ReadAnswer = { readonly file: ApiFile } | { readonly problem: Problem }

parentPort?.postMessage(answerTo(workerData as ReadOrder)) // what the api-reader gives it

function answerTo(order: ReadOrder): ReadAnswer {
  try {
    return { file: readApiFile(order.content, order) }
  } catch (error) {
    if (error instanceof ProblemError) return { problem: error.problem }
    throw error
  }
}
