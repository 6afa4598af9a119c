import { longestTokenSeconds } from '@shared/key-rotation'
import type { DomainOverview } from '@shared/domain'
import { formatDuration } from '../duration'

/** Longest overlap in seconds: a year, as the contract has it. */
export const MAX_OVERLAP_SECONDS = 31_536_000

/** What a number field holds: nothing typed is an empty text. */
export type TypedNumber = number | ''

/** Why an overlap in seconds will not do; undefined when it will, also when none is given. */
export function overlapError(seconds: TypedNumber): string | undefined {
  if (seconds === '') return undefined
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_OVERLAP_SECONDS
    ? undefined
    : `Whole seconds, from 0 to ${MAX_OVERLAP_SECONDS} (a year).`
}

/** What an overlap means, in a sentence. */
export function overlapMeaning(seconds: TypedNumber, domain: DomainOverview): string {
  if (seconds === 0) return 'Its tokens are refused at once, also those that have not expired.'
  return seconds === ''
    ? `${formatDuration(longestTokenSeconds(domain))}, the longest token lifetime here: no token is refused before it expires.`
    : `${formatDuration(seconds)}. Tokens that live longer are refused then.`
}
