import type { ApiDefinition } from '@shared/api-definition'

/** How flows are chosen, in a few words; empty where every flow that matches runs. */
export function executionWords(execution: ApiDefinition['flowExecution']): string {
  const words = [
    execution?.mode === 'best-match' ? 'Best match only' : '',
    execution?.matchRequired ? 'One must match' : '',
  ]
  return words.filter(Boolean).join(' · ')
}
