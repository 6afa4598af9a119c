import { isSamplingFault, parseSampling } from '@shared/sampling'
import type { EffectiveTrafficSettings, TrafficSettings, WorkspaceProblem } from '@shared/workspace'
import { DOCUMENT_FILE } from '../../workspace/layout'

/** Megabytes that the kept requests may take on disk unless a person says otherwise: about 200,000 requests without their trace. */
const DEFAULT_LIMIT_MEGABYTES = 64

/** A sampling that was written by hand and is none. */
export function samplingProblems({ sampling }: TrafficSettings = {}): WorkspaceProblem[] {
  const parsed = sampling === undefined ? undefined : parseSampling(sampling)
  if (parsed === undefined || !isSamplingFault(parsed)) return []
  const { member, message, remedy } = parsed
  return [
    {
      file: DOCUMENT_FILE,
      field: `/traffic/sampling/${member}`,
      message: `${message}: only requests of the console are traced, unless every one is`,
      remedy,
    },
  ]
}

/**
 * The settings with what counts where nothing is set.
 *
 * @param tracesUnlessSet whether every request is traced unless a person says otherwise
 */
export function effectiveSettings(
  { recording = true, limitMegabytes = DEFAULT_LIMIT_MEGABYTES, traceAll, sampling }: TrafficSettings = {},
  tracesUnlessSet: boolean,
): EffectiveTrafficSettings {
  const settings = { recording, limitMegabytes, traceAll: traceAll ?? tracesUnlessSet }
  return sampling === undefined ? settings : { ...settings, sampling }
}
