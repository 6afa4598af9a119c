import { ApiDefinition } from '@shared/api-definition'
import { shapeFor, type Shape } from '../../workspace/files/json-text'
import { BESIDE_THE_API, isOfItsInstallation } from './gravitee/installation'
import type { Notes } from './notes'
import { child, isBlank, isObject, type Open } from './values'

/** Members that describe and do nothing: whoever reads the draft finds them, and nobody misses an effect. */
const DESCRIBING = [
  'description',
  'apiVersion',
  'version',
  'crossId',
  'hrid',
  'visibility',
  'lifecycleState',
  'labels',
  'categories',
  'groups',
  'characteristics',
  'order',
  'type',
  'validation',
  'commentRequired',
  'commentMessage',
  'generalConditions',
  'excludedGroups',
]

/** Members that Gravitee's gateway acts on and ours does not, in words. */
const WORDS: Readonly<Record<string, string>> = {
  '/analytics/logging': 'Logging: every request is in Traffic here; of which the trace is kept, the sampling says',
  '/tags': 'Sharding tags: there is one gateway here, which serves every API',
  '/plans/*/tags': 'Sharding tags of plans: there is one gateway here, which serves every plan',
  '/listeners/*/pathMappings': 'Path mappings, which are for analytics',
  '/listeners/*/entrypoints/*/qos': '',
  '/listeners/*/paths/*/overrideAccess': '',
  '/endpointGroups/*/endpoints/*/tenants': 'Tenants: there is one gateway here, which calls every endpoint',
  '/plans/*/mode': '',
}

/**
 * Tells of the members of a draft that nothing here acts on. What the contract names is acted on, so that this needs no list of
 * what is built. Alike members of several entries are told once.
 *
 * @param blocked pointers that a deploy is refused for, and which are told as that
 */
export function noteUnused(definition: Open, blocked: readonly string[], notes: Notes): void {
  const found = new Map<string, { pointer: string; count: number }>()
  const installation: string[] = []
  const walk = (value: unknown, shape: Shape, pointer: string, form: string): void => {
    if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) walk(each, shape.items ?? {}, `${pointer}/${index}`, `${form}/*`)
      return
    }
    if (!isObject(value)) return
    // A configuration has members of any name: its policy or resource says which.
    const { properties } = shapeFor(value, shape)
    if (properties === undefined) return
    for (const [name, member] of Object.entries(value)) {
      const [at, of] = [child(pointer, name), child(form, name)]
      if (Object.hasOwn(properties, name)) walk(member, properties[name]!, at, of)
      else if (form === '' && isOfItsInstallation(name)) installation.push(name)
      else if (!isIdle(member) && !DESCRIBING.includes(name)) {
        const before = found.get(of)
        found.set(of, before ? { ...before, count: before.count + 1 } : { pointer: at, count: 1 })
      }
    }
  }
  walk(definition, ApiDefinition as Shape, '', '')
  if (installation.length > 0)
    notes.add('unused', '', `What holds in the installation that it comes from alone: ${installation.join(', ')}`)
  for (const [form, { pointer, count }] of found) {
    const words =
      WORDS[form] ??
      BESIDE_THE_API[form.slice(1)] ??
      `${form.split('/').at(-1)}: it stands in the draft, and this gateway does not act on it`
    if (words === '' || blocked.some((each) => each === pointer || each.startsWith(`${pointer}/`))) continue
    notes.add('unused', pointer, count === 1 ? words : `${words} (in ${count} places)`)
  }
}

/** Whether there is nothing to act on: nothing at all, or something that is switched off. */
const isIdle = (value: unknown) => isBlank(value) || value === false || (isObject(value) && value.enabled === false)
