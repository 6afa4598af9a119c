import type { EffectiveTrafficSettings, TrafficSettings } from '@shared/workspace'

/** Megabytes that the kept requests may take on disk unless a person says otherwise: about 200,000 requests without their trace. */
const DEFAULT_LIMIT_MEGABYTES = 64

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
