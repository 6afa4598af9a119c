import type { Flow, Step } from '@shared/api-definition'
import type { Phase } from '@shared/catalogue'
import type { DraftChange } from '@shared/operations'
import { policyName, policySchema } from '../catalogue'
import { flowName } from '../definition/steps'
import { sameContent } from './canonical'
import { matchLists } from './match-lists'
import { valueChanges } from './value-changes'

/** Whose flows they are: where they stand in the definition, and what their names are followed by, e.g. ` of plan Gold`. */
interface FlowOwner {
  readonly pointer: string
  readonly of: string
}

/** The differences of two versions of the flows of an API, or of one of its plans, in words. */
export function flowChanges(
  before: readonly Flow[],
  after: readonly Flow[],
  { pointer, of }: FlowOwner = { pointer: '/flows', of: '' },
): DraftChange[] {
  const nameOf = (flow: Flow) => `${flowName(flow)}${of}`
  const { pairs, removed, added } = matchLists(before, after, [({ id }) => id, flowName, ({ selectors }) => selectors])
  return [
    ...removed.map((index): DraftChange => {
      const flow = before[index]!
      return { path: `${pointer}/${index}`, sentence: `Flow ${nameOf(flow)} removed` }
    }),
    ...added.flatMap((index): DraftChange[] => {
      const flow = after[index]!
      const path = `${pointer}/${index}`
      return [
        { path, sentence: `Flow ${nameOf(flow)} added` },
        ...phases.flatMap((phase) => stepChanges([], flow[phase], `${path}/${phase}`, nameOf(flow), phase)),
      ]
    }),
    ...pairs.flatMap((pair): DraftChange[] => [
      ...(pair.moved
        ? [{ path: `${pointer}/${pair.after}`, sentence: `Flow ${nameOf(after[pair.after]!)} moved` }]
        : []),
      ...flowPairChanges(before[pair.before]!, after[pair.after]!, `${pointer}/${pair.after}`, nameOf),
    ]),
  ]
}

const phases = ['request', 'response'] as const

function flowPairChanges(before: Flow, after: Flow, path: string, nameOf: (flow: Flow) => string): DraftChange[] {
  if (sameContent(before, after)) return []
  const { request: _q, response: _s, name: _n, enabled: wasOn, selectors: _l, ...restBefore } = before
  const { request: _r, response: _t, name: _m, enabled: isOn, selectors: _k, ...restAfter } = after
  const called = `Flow ${nameOf(after)}`
  const renamed = before.name === after.name ? [] : [renamedFlow(before, after, path, nameOf)]
  return [
    ...renamed,
    ...(wasOn === isOn ? [] : [onOff(called, `${path}/enabled`, wasOn, isOn)]),
    ...selectorChanges(before, after, path, called),
    ...phases.flatMap((phase) => stepChanges(before[phase], after[phase], `${path}/${phase}`, nameOf(after), phase)),
    ...valueChanges(restBefore, restAfter, path, `${called}: `, 'settings'),
  ]
}

function renamedFlow(before: Flow, after: Flow, path: string, nameOf: (flow: Flow) => string): DraftChange {
  const sentence = `Flow ${nameOf(before)} renamed to ${flowName(after)}`
  return { path: `${path}/name`, sentence, before: before.name, after: after.name }
}

function selectorChanges(before: Flow, after: Flow, path: string, called: string): DraftChange[] {
  const { pairs, removed, added } = matchLists(before.selectors, after.selectors, [({ type }) => type])
  const what = (type: string) => (type === 'condition' ? 'condition' : 'path rule')
  return [
    ...removed.map((index) => {
      const selector = before.selectors[index]!
      return { path: `${path}/selectors`, sentence: `${called}: ${what(selector.type)} removed`, before: selector }
    }),
    ...added.map((index) => {
      const selector = after.selectors[index]!
      return {
        path: `${path}/selectors/${index}`,
        sentence: `${called}: ${what(selector.type)} added`,
        after: selector,
      }
    }),
    ...pairs.flatMap((pair) =>
      valueChanges(
        before.selectors[pair.before],
        after.selectors[pair.after],
        `${path}/selectors/${pair.after}`,
        `${called}: `,
        'rule',
      ),
    ),
  ]
}

function stepChanges(
  before: readonly Step[],
  after: readonly Step[],
  path: string,
  called: string,
  phase: Phase,
): DraftChange[] {
  const where = phase === 'request' ? `flow ${called}` : `the response of flow ${called}`
  const { pairs, removed, added } = matchLists(before, after, [
    ({ policy, name }) => [policy, name],
    ({ policy }) => policy,
  ])
  return [
    ...removed.map((index): DraftChange => {
      const step = before[index]!
      return { path: `${path}/${index}`, sentence: `${policyName(step.policy)} removed from ${where}` }
    }),
    ...added.map((index): DraftChange => {
      const step = after[index]!
      const off = step.enabled ? '' : ', turned off'
      return { path: `${path}/${index}`, sentence: `${policyName(step.policy)} added to ${where}${off}` }
    }),
    ...pairs.flatMap((pair): DraftChange[] => {
      const [was, is] = [before[pair.before]!, after[pair.after]!]
      const at = `${path}/${pair.after}`
      const called = `${policyName(is.policy)} in ${where}`
      return [
        ...(pair.moved ? [{ path: at, sentence: `${policyName(is.policy)} moved in ${where}` }] : []),
        ...(was.enabled === is.enabled ? [] : [onOff(called, `${at}/enabled`, was.enabled, is.enabled)]),
        ...valueChanges(
          was.configuration ?? {},
          is.configuration ?? {},
          `${at}/configuration`,
          `${called}: `,
          'configuration',
          policySchema(is.policy),
        ),
        ...valueChanges(withoutHandled(was), withoutHandled(is), at, `${called}: `, 'settings'),
      ]
    }),
  ]
}

function withoutHandled({ configuration: _c, enabled: _e, ...rest }: Step): object {
  return rest
}

/** `OAuth2 in flow All paths turned off`. */
export function onOff(called: string, path: string, before: boolean, after: boolean): DraftChange {
  return { path, sentence: `${called} turned ${after ? 'on' : 'off'}`, before, after }
}
