import { ipcMain, type IpcMainInvokeEvent } from 'electron'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { ExportedFormat } from '@shared/api-formats'
import { channels, type OperationAnswer, type ShellRequest } from '@shared/bridge'
import { ProblemError, type Problem } from '@shared/problem'
import { TrafficFormat } from '@shared/traffic-export'
import { TrafficFilter } from '@shared/traffic-filter'

/** Longest text that the window may put on the clipboard, in characters. */
const CLIPBOARD_LIMIT = 1_000_000

const ShellRequestSchema = Type.Union([
  Type.Object({ do: Type.Literal('open-workspace') }),
  Type.Object({ do: Type.Literal('new-workspace') }),
  Type.Object({ do: Type.Literal('show-workspace-folder') }),
  Type.Object({ do: Type.Literal('copy'), text: Type.String({ maxLength: CLIPBOARD_LIMIT }) }),
  Type.Object({
    do: Type.Literal('set-theme'),
    theme: Type.Union([Type.Literal('light'), Type.Literal('dark'), Type.Literal('system')]),
  }),
  Type.Object({ do: Type.Literal('about') }),
  Type.Object({ do: Type.Literal('licences') }),
  Type.Object({ do: Type.Literal('save-authority') }),
  Type.Object({ do: Type.Literal('save-traffic'), format: TrafficFormat, filter: TrafficFilter }),
  Type.Object({
    do: Type.Literal('save-api'),
    apiId: Type.String({ minLength: 1, maxLength: 200 }),
    format: ExportedFormat,
    syntax: Type.Union([Type.Literal('json'), Type.Literal('yaml')]),
    revision: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  Type.Object({
    do: Type.Literal('open-login'),
    attemptId: Type.String({ minLength: 1, maxLength: 64 }),
    keepsSession: Type.Boolean(),
  }),
  Type.Object({ do: Type.Literal('close-login') }),
])

/** Who answers what the window asks. */
export interface Answering {
  /** Runs an operation of the contract. Never rejects. */
  operation(name: string, input: unknown): Promise<OperationAnswer>
  /** Does what only a desktop can; rejects with ProblemError. */
  shell(request: ShellRequest): Promise<unknown>
  /** Told a fault of ours, which the window gets to know only as such. */
  onFault(what: string, error: unknown): void
}

/**
 * Answers the window. A message counts only when it comes from the top frame of one of our own pages; its name and
 * payload are checked before anything is done, the payload of an operation by the operation's own schema.
 *
 * @param isOwnPage whether the app itself lives at the address
 */
export function answerWindow(isOwnPage: (address: string) => boolean, answering: Answering): void {
  const isOurs = ({ senderFrame: frame, sender }: IpcMainInvokeEvent) =>
    frame !== null && frame === sender.mainFrame && isOwnPage(frame.url)

  ipcMain.handle(channels.operation, async (event, name: unknown, input: unknown): Promise<OperationAnswer> => {
    if (!isOurs(event)) return failed(notOurs)
    if (typeof name !== 'string') return failed(badRequest)
    return await answering.operation(name, input)
  })

  ipcMain.handle(channels.shell, async (event, request: unknown): Promise<OperationAnswer> => {
    if (!isOurs(event)) return failed(notOurs)
    if (!Value.Check(ShellRequestSchema, request)) return failed(badRequest)
    try {
      return { ok: true, value: (await answering.shell(request)) ?? {} }
    } catch (error) {
      if (error instanceof ProblemError) return failed(error.problem)
      answering.onFault(`The window's request ${request.do} failed`, error)
      return failed(internalProblem)
    }
  })
}

const failed = (problem: Problem): OperationAnswer => ({ ok: false, problem })

const notOurs: Problem = { key: 'NOT_ALLOWED', status: 403, title: 'This page may not ask for anything' }
const badRequest: Problem = {
  key: 'INVALID_INPUT',
  status: 400,
  title: 'The window asked for something unknown',
  remedy: 'Reload the window.',
}
/** What the window gets to know of a fault of ours. */
export const internalProblem: Problem = {
  key: 'INTERNAL',
  status: 500,
  title: 'Something went wrong inside Gatehouse',
  detail: 'It was written to the log. What you saved before is safe.',
  remedy: 'Try again; if it stays so, restart the app.',
}
