import { ProblemError, type Problem } from '@shared/problem'
import type { WorkspaceProblem } from '@shared/workspace'

/** An operation's refusal because of the workspace's files. */
export function refuse(problem: Problem): ProblemError {
  return new ProblemError(problem)
}

/** The folder's own document does not hold: nothing of the workspace can be opened. */
export function workspaceBroken(folder: string, { file, field, message, remedy }: WorkspaceProblem): ProblemError {
  return refuse({
    key: 'WORKSPACE_BROKEN',
    status: 422,
    title: `${file} of the workspace ${folder} cannot be read`,
    detail: field === undefined ? message : `At ${field}: ${message}`,
    remedy,
    errors: [{ field: field ?? '', message, remedy }],
  })
}

/** A file that stands where something would be saved and cannot be read: it is a person's work and stays. */
export function fileBroken(file: string, problem: WorkspaceProblem | undefined): ProblemError {
  return refuse({
    key: 'FILE_BROKEN',
    status: 409,
    title: `${file} is not overwritten, because it cannot be read as it stands`,
    ...(problem === undefined ? {} : { detail: problem.message }),
    remedy: problem?.remedy ?? `Repair or remove ${file}, then save again.`,
  })
}

/** The file was edited outside since it was read here; that edit has been taken up and is not overwritten. */
export function fileChanged(file: string): ProblemError {
  return refuse({
    key: 'FILE_CHANGED_OUTSIDE',
    status: 409,
    title: `${file} was changed outside of Gatehouse meanwhile`,
    detail: 'What stands in the file is shown now; your change was not saved.',
    remedy: 'Look at what is there now, and make your change again.',
  })
}
