import type { WorkspaceProblem } from '@shared/workspace'
import type { ListenAddress } from '../../engine/snapshot'
import { DOCUMENT_FILE } from '../../workspace/layout'
import { credentialsIn, LOCAL, OWN } from '../certificates/credentials'
import type { WorkspaceView } from './workspace-view'

/**
 * What a server proves itself with: nothing where it speaks HTTP. One that is to speak HTTPS and cannot does not listen, since
 * HTTP would be less than was asked for; that goes to `problems`, once for both servers.
 */
export function serverCertificate(
  { document: { tls }, resolve }: Pick<WorkspaceView, 'document' | 'resolve'>,
  server: 'gateway' | 'authorization',
  problems: WorkspaceProblem[],
): Pick<ListenAddress, 'tls' | 'refused'> {
  if (tls?.[server] !== true) return {}
  const isOwn = tls.certificate === 'own'
  const credentials = credentialsIn({ resolve }, isOwn ? OWN : LOCAL)
  if (credentials !== undefined) return { tls: credentials }
  const problem = { file: DOCUMENT_FILE, field: '/tls', ...(isOwn ? noneOfTheirOwn : noneOfOurs) }
  if (!problems.some(({ message }) => message === problem.message)) problems.push(problem)
  return { refused: `${problem.message}. ${problem.remedy}` }
}

const noneOfTheirOwn = {
  message: 'HTTPS cannot be served: your certificate and its key cannot be opened here',
  remedy: 'Give them again in Settings, or turn HTTPS off.',
}
const noneOfOurs = {
  message: 'HTTPS cannot be served: the key of its certificate cannot be opened here',
  remedy: 'Make a new certificate authority in Settings, or turn HTTPS off.',
}
