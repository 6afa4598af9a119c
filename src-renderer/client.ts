import type { ShellRequest } from '@shared/bridge'
import type { GatehouseEvent } from '@shared/events'
import type { LoginWindowMessage } from '@shared/login-window'
import type { OperationInput, OperationName, OperationOutput } from '@shared/operations'
import { ProblemError, type Problem } from '@shared/problem'

/**
 * Runs an operation of the contract. Rejects with ProblemError, whatever went wrong, so that a caller has one kind
 * of failure to show. The input may be reactive: a plain copy crosses to the main process.
 */
export async function call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationOutput<N>> {
  const plain: unknown = JSON.parse(JSON.stringify(input))
  const answer = await window.gatehouse.operation(name, plain).catch((error: unknown) => {
    throw new ProblemError(unreachable(error))
  })
  if (!answer.ok) throw new ProblemError(answer.problem)
  return answer.value as OperationOutput<N> // what the handler of this very operation answers
}

/** Asks the desktop for something only it can do: a dialog, the clipboard, a folder. Rejects with ProblemError. */
export async function shell(request: ShellRequest): Promise<unknown> {
  const answer = await window.gatehouse.shell(request).catch((error: unknown) => {
    throw new ProblemError(unreachable(error))
  })
  if (!answer.ok) throw new ProblemError(answer.problem)
  return answer.value
}

/** Listens to what the main process tells; answers how to stop. */
export function onEvent(listener: (event: GatehouseEvent) => void): () => void {
  return window.gatehouse.onEvent(listener)
}

/** Listens to what the login window does; answers how to stop. */
export function onLogin(listener: (message: LoginWindowMessage) => void): () => void {
  return window.gatehouse.onLogin(listener)
}

/** Any thrown value as a Problem to show. */
export function toProblem(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : unreachable(error)
}

function unreachable(error: unknown): Problem {
  return {
    key: 'WINDOW_FAULT',
    status: 500,
    title: 'The window could not do that',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'Try again. If it stays, restart Gatehouse: what you saved is safe.',
  }
}
