import { Type, type Static } from 'typebox'
import { OpenAuthorities } from './traffic'

/** One field of an input that is not right: where (JSON pointer, '' is the whole), what is wrong, what to do. */
export const FieldError = Type.Object({
  field: Type.String({ description: 'JSON pointer into the input, e.g. /definition/listeners/0/paths/0/path' }),
  message: Type.String(),
  remedy: Type.Optional(Type.String()),
})
export type FieldError = Static<typeof FieldError>

/** What is wrong with a value and what to do, said by a rule that knows no field. */
export interface Fault {
  readonly message: string
  readonly remedy: string
}

/**
 * What an operation answers when it fails; RFC 9457 problem details with a stable `key` and a remedy.
 * The same value crosses IPC, HTTP (`application/problem+json`) and the command line.
 */
export const Problem = Type.Object({
  key: Type.String({ description: 'Stable identifier, e.g. API_PATH_TAKEN' }),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  title: Type.String({ description: 'What happened, in one sentence' }),
  detail: Type.Optional(Type.String({ description: 'Why, with the evidence' })),
  remedy: Type.Optional(Type.String({ description: 'What a person can do about it' })),
  errors: Type.Optional(Type.Array(FieldError)),
  remedies: Type.Optional(Type.Array(OpenAuthorities, { description: 'What the window offers as buttons' })),
})
export type Problem = Static<typeof Problem>

/** A Problem as a throwable. Anything else that is thrown by an operation is a fault of ours and is answered as INTERNAL. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
    this.name = 'ProblemError'
  }
}
