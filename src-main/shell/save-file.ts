import { writeFile } from 'node:fs/promises'
import { codeOf } from '@shared/error-code'
import { ProblemError } from '@shared/problem'

/** Writes a file where the person chose; rejects with ProblemError FILE_NOT_WRITTEN. */
export async function saveFile(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (error) {
    throw new ProblemError({
      key: 'FILE_NOT_WRITTEN',
      status: 422,
      title: `${file} cannot be written`,
      detail: `The system answered ${codeOf(error) ?? 'unknown reason'}.`,
      remedy: 'Choose a folder that you may write to, on a disk with room.',
    })
  }
}
