import type { ApiDefinition } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { isSamplingFault, parseSampling } from '@shared/sampling'
import { createSampler, type Sampler } from '../sampler'

/** Undefined where the API says nothing of it: then the gateway's own counts. What is wrong goes to `errors`. */
export function compileSampling(
  { enabled, sampling }: NonNullable<ApiDefinition['analytics']> = {},
  errors: FieldError[],
): Sampler | undefined {
  if (enabled === false || sampling === undefined) return undefined
  const parsed = parseSampling(sampling)
  if (!isSamplingFault(parsed)) return createSampler(parsed)
  const { member, message, remedy } = parsed
  errors.push({ field: `/analytics/sampling/${member}`, message: `Sampling: ${message}`, remedy })
  return undefined
}
