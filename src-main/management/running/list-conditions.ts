import type { ApiDefinition, Flow } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { stepsOf } from '../definition/steps'

/** One expression that is all the values of a header, a parameter of the query or of the path, none of them chosen. */
const LIST =
  /^\{\s*#(request|response)\s*\.\s*(headers|params|pathParams)\s*(\.\s*\w+|\[\s*(?:'[^']*'|"[^"]*")\s*\])\s*\}$/

/** A definition never changes, and is looked through for every snapshot that it is part of. */
const looked = new WeakMap<ApiDefinition, readonly FieldError[]>()

/**
 * Conditions that give a list whatever the request is. Only true holds here, so that such a condition never does. (Spring, by which
 * Gravitee reads them, takes the first value of a list, and fails where that is no word for true or false.) What is switched off is
 * left out, and what another expression gives is not known before there is a request: the trace tells it.
 */
export function listConditions(definition: ApiDefinition): readonly FieldError[] {
  const before = looked.get(definition)
  if (before !== undefined) return before
  const { flows, plans } = definition
  const found = [
    ...ofFlows(flows, ''),
    ...plans.flatMap(({ flows: own = [] }, index) => ofFlows(own, `/plans/${index}`)),
  ]
  looked.set(definition, found)
  return found
}

function ofFlows(flows: Flow[], at: string): FieldError[] {
  const ofSelectors = flows.flatMap((flow, f) =>
    flow.enabled
      ? flow.selectors.flatMap((selector, s) =>
          selector.type === 'condition' ? faultOf(selector.condition, `${at}/flows/${f}/selectors/${s}/condition`) : [],
        )
      : [],
  )
  const ofSteps = stepsOf({ flows }).flatMap(({ flow, step, pointer }) =>
    flow.enabled && step.enabled ? faultOf(step.condition, `${at}${pointer}/condition`) : [],
  )
  return [...ofSelectors, ...ofSteps]
}

function faultOf(condition: string | undefined, field: string): FieldError[] {
  const list = LIST.exec(condition?.trim() ?? '')
  if (list === null) return []
  const values = `#${list[1]}.${list[2]}${list[3]}`
  return [
    {
      field,
      message: `The condition gives a list of values, which is neither true nor false: it never holds`,
      remedy: `Compare one of them, such as {${values}[0] == 'yes'}, or ask whether there are any: {${values} != null}.`,
    },
  ]
}
