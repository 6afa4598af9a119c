import { ProblemError } from '@shared/problem'

/** Ends a command with one clear line on stderr: 1, it failed; 2, it was called wrongly. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message)
    this.name = 'CommandError'
  }
}

/** What went wrong as one line, with what to do. */
export function lineOf(error: unknown): string {
  if (error instanceof ProblemError) {
    const { title, detail, remedy, errors } = error.problem
    const fields = errors && errors.length > 1 ? errors.map(({ message }) => message).join('; ') : undefined
    return [title, fields ?? detail, remedy]
      .filter((part) => part !== undefined)
      .map(sentence)
      .join(' ')
  }
  return error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)
}

/** A text with the full stop that lets another follow it. */
export const sentence = (text: string) => (/[.!?:]$/.test(text) ? text : `${text}.`)
