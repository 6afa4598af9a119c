import type { Fault } from '@shared/problem'
import { tellFieldError } from '@/composables/useDraft'

/** A rule's fault as sentences for a form field. */
export function tellFault(fault: Fault | undefined): string | undefined {
  return fault && tellFieldError({ field: '', ...fault })
}
