import type { ReadContext } from '../reader'
import { isObject, members, objects, type Open } from '../values'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE']

/** A policy of a rule, with the methods that it is for and the phase that it runs in. */
interface Ruled {
  readonly methods: readonly string[]
  readonly phase: 'request' | 'response'
  readonly step: Open
}

/**
 * The flows for version 1's `paths`: rules by path, each a policy for some methods. A request runs every rule of the best path
 * whose methods fit. Here one flow alone runs for a path, so that each set of methods with the same rules becomes a flow.
 */
export function flowsOfPaths(paths: Open, at: string, { notes }: ReadContext): Open[] {
  return Object.entries(paths).flatMap(([written, rules]) => {
    const path = written.replace(/\/\*+$/, '/')
    const list = Array.isArray(rules) ? rules : members(rules).rules
    const ruled = objects(list, at).flatMap(({ value }) => stepsOfRule(value))
    if (/[*{}()[\]]/.test(path))
      notes.add('changed', at, `The path ${written} is taken as it is written: a flow's path knows no wildcards`)
    return groupsOfMethods(ruled).map(({ methods, steps }) => ({
      name: methods.length === 0 ? path : `${path} (${methods.join(', ')})`,
      enabled: true,
      selectors: [{ type: 'http', path, pathOperator: 'START_WITH', methods }],
      request: steps.filter(({ phase }) => phase === 'request').map(({ step }) => step),
      response: steps.filter(({ phase }) => phase === 'response').map(({ step }) => step),
    }))
  })
}

function stepsOfRule(rule: Open): Ruled[] {
  const methods = Array.isArray(rule.methods)
    ? rule.methods.filter((each): each is string => typeof each === 'string').map((each) => each.toUpperCase())
    : []
  return Object.entries(rule).flatMap(([policy, configuration]): Ruled[] => {
    if (!isObject(configuration)) return []
    // Version 1 had no phases: a policy that could run in either said so in its configuration.
    const phase = String(configuration.scope ?? '').startsWith('RESPONSE') ? 'response' : 'request'
    const description = typeof rule.description === 'string' && rule.description !== '' ? rule.description : undefined
    const step = {
      ...(description === undefined ? {} : { description }),
      enabled: rule.enabled !== false,
      policy,
      configuration,
    }
    return [{ methods: methods.length === 0 ? METHODS : methods, phase, step }]
  })
}

function groupsOfMethods(ruled: readonly Ruled[]): { methods: readonly string[]; steps: readonly Ruled[] }[] {
  const groups = new Map<string, { methods: string[]; steps: readonly Ruled[] }>()
  for (const method of METHODS) {
    const steps = ruled.filter(({ methods }) => methods.includes(method))
    const key = steps.map((each) => ruled.indexOf(each)).join()
    const group = groups.get(key)
    if (group) group.methods.push(method)
    else groups.set(key, { methods: [method], steps })
  }
  const all = [...groups.values()]
  return all.length === 1 ? [{ methods: [], steps: all[0]!.steps }] : all
}
