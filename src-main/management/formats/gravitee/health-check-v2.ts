import type { ReadContext } from '../reader'
import { child, isBlank, isObject, members, objects, text, type Open } from '../values'

/** Version 4's defaults, which version 2 had no settings for. */
const THRESHOLDS = { successThreshold: 2, failureThreshold: 2 }

/** Version 2's health check, of the whole API or of an endpoint, as version 4's; undefined where there is none. */
export function healthCheckV2(
  value: unknown,
  at: string,
  of: 'group' | 'endpoint',
  { notes }: ReadContext,
): Open | undefined {
  if (!isObject(value) || isBlank(value)) return undefined
  const [first, second] = objects(value.steps, child(at, 'steps'))
  if (first === undefined && value.inherit === true) return undefined
  const request = members(first?.value.request)
  const assertions = members(first?.value.response).assertions
  const told = (Array.isArray(assertions) ? assertions : []).filter((each): each is string => typeof each === 'string')
  if (second !== undefined)
    notes.add('dropped', second.at, 'The further steps of the health check: version 4 makes one request')
  notes.add('changed', at, 'The health check is written as version 4 has it, with two tries until a change counts')
  return {
    type: 'http-health-check',
    enabled: value.enabled !== false,
    ...(of === 'endpoint' ? { overrideConfiguration: true } : {}),
    configuration: {
      schedule: text(value.schedule) ?? `*/${text(value.interval) ?? '10'} * * * * *`,
      method: text(request.method) ?? 'GET',
      target: text(request.path) ?? text(request.uri) ?? '/',
      headers: Array.isArray(request.headers) ? request.headers : [],
      assertion: `{${told.length === 0 ? '#response.status == 200' : told.join(' && ')}}`,
      ...THRESHOLDS,
    },
  }
}
