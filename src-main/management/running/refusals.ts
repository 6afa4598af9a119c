import type { EngineStatus } from '@shared/engine-status'
import { ProblemError, type FieldError, type Problem } from '@shared/problem'
import type { WorkspaceProblem } from '@shared/workspace'
import type { CompileProblem, EngineRefusal } from '../../engine/messages'
import type { WorkspaceView } from './workspace-view'

/** A deploy that is refused: each place with its remedy. What ran goes on. */
export function doesNotCompile(errors: readonly FieldError[]): ProblemError {
  const [first] = errors
  return new ProblemError({
    key: 'API_DOES_NOT_COMPILE',
    status: 422,
    title: 'This API cannot run yet',
    detail: errors.length === 1 && first ? first.message : `${errors.length} things stand in the way.`,
    remedy:
      errors.length === 1 && first?.remedy ? first.remedy : 'Mend each and deploy again. What ran before still runs.',
    errors: [...errors],
  })
}

/** The engine does not take the snapshot for another reason than an API, e.g. a key that it cannot import. */
export function notTaken(refusal: EngineRefusal): ProblemError {
  return new ProblemError({
    key: 'ENGINE_REFUSED',
    status: 422,
    title: 'The engine cannot run this; nothing was changed',
    detail: refusal.message,
    remedy: 'Mend what it names and try again.',
  })
}

/** That refusal as a problem of the workspace; undefined for any other. */
export function notTakenProblem({ key, detail, remedy }: Problem): WorkspaceProblem | undefined {
  if (key !== 'ENGINE_REFUSED') return undefined
  return { file: 'domains', message: detail ?? 'The engine cannot run this', remedy: remedy ?? '' }
}

/** The engine's thread is not there to take anything. */
export function engineUnavailable({ lastCrash }: EngineStatus): ProblemError {
  return new ProblemError({
    key: 'ENGINE_UNAVAILABLE',
    status: 503,
    title: 'The engine is not running; nothing was changed',
    ...(lastCrash === undefined ? {} : { detail: lastCrash.reason }),
    remedy: 'Wait until it has started again, or start it anew from the status bar.',
  })
}

/** What does not compile, by the files that it stands in. */
export function workspaceProblems(
  problems: readonly CompileProblem[],
  { deployed, revisionFile }: Pick<WorkspaceView, 'deployed' | 'revisionFile'>,
): WorkspaceProblem[] {
  return problems.flatMap(({ apiId, apiName, errors }) => {
    const deployment = deployed.find((each) => each.apiId === apiId)
    const file = deployment ? revisionFile(deployment) : 'deployments'
    return errors.map(({ field, message, remedy }) => ({
      file,
      field,
      message: `API ${apiName}: ${message}`,
      remedy: remedy ?? 'Mend the API and deploy it again.',
    }))
  })
}
