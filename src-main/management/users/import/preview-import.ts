import type { Domain } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import type { ImportPreview } from '@shared/user-import'
import type { Secrets } from '../../../workspace/store'
import { hashPassword } from '../password'
import { importTerms, planImport } from './plan-import'
import { readFile } from './read-file'
import { HASHED_AT_ONCE } from './run-import'

const MOST_REASONS = 1000

/**
 * Tells what an import would do.
 *
 * @throws ProblemError INPUT_INVALID for what makes the file useless as a whole
 */
export async function previewImport(
  domain: Domain,
  secrets: Pick<Secrets, 'get'>,
  { createMissing = false, ...input }: Omit<OperationInput<'users.previewImport'>, 'domainId'>,
): Promise<ImportPreview> {
  const { rows, ignored, format } = readFile(input)
  const plan = planImport(domain, rows, importTerms(secrets, createMissing))
  const passwordsToHash = plan.passwords.filter(({ given }) => 'text' in given).length
  const { created, changed, unchanged, refusedRows, refused, claims, missingRoles, missingGroups } = plan
  return {
    format,
    ...{ created, changed, unchanged, refusedRows },
    refused: refused.slice(0, MOST_REASONS),
    passwordsToHash,
    hashesTaken: plan.passwords.length - passwordsToHash,
    estimatedSeconds: passwordsToHash === 0 ? 0 : Math.ceil((passwordsToHash * (await hashSeconds())) / HASHED_AT_ONCE),
    claims: [...claims],
    ignored: [...ignored],
    missingRoles: [...missingRoles],
    missingGroups: [...missingGroups],
  }
}

/** How long one hash takes here and now. */
async function hashSeconds(): Promise<number> {
  const start = performance.now()
  await hashPassword('to be measured')
  return (performance.now() - start) / 1000
}
