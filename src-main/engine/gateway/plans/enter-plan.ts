import type { Evidence } from '@shared/traffic'
import { contextOf } from '../../expression/exchange-context'
import type { Credential, Failure } from '../../policies/policy'
import type { SubscriptionSnapshot } from '../../snapshot'
import type { Call } from '../call'
import { runSteps } from '../chain'
import type { CompiledApi } from '../compiled-api'
import type { Exchange } from '../exchange'
import type { CompiledPlan } from './compile-plans'
import { PINNED_CERTIFICATE } from './pinned-certificate'
import { planUnresolvable, type TriedPlan } from './plan-unresolvable'
import { subscriptionFlaw, type Subscriptions } from './subscriptions'

type Entered = CompiledPlan | Failure

/** Gravitee's name for whoever calls without saying who it is. */
const ANONYMOUS = '1'

/**
 * Finds the plan that a call is for by the credential that it carries, and checks the credential: the first plan decides for whose
 * kind there is one, and whose rule and subscription hold. A call that carries a credential for nobody does not come in by a plan
 * without keys.
 */
export function enterPlan(
  api: CompiledApi,
  exchange: Exchange,
  subscriptions: Subscriptions,
  call: Call,
): Entered | Promise<Entered> {
  return tryPlans({ api, exchange, subscriptions, call, tried: [], carries: false }, 0)
}

interface Search {
  readonly api: CompiledApi
  readonly exchange: Exchange
  readonly subscriptions: Subscriptions
  readonly call: Call
  readonly tried: TriedPlan[]
  /** Whether a credential has been found that no selection rule has let go. */
  carries: boolean
}

function tryPlans(search: Search, from: number): Entered | Promise<Entered> {
  const { plans } = search.api
  for (let i = from; i < plans.length; i++) {
    const plan = plans[i]!
    const credential = plan.credential(search.exchange)
    if (credential instanceof Promise)
      return credential.then((read) => judge(search, plan, read) ?? tryPlans(search, i + 1))
    const entered = judge(search, plan, credential)
    if (entered !== undefined) return entered
  }
  return planUnresolvable(search.api, search.tried)
}

/** Undefined when the plan does not take the call, and the next is to be asked. */
function judge(
  search: Search,
  plan: CompiledPlan,
  credential: Credential | undefined,
): Entered | Promise<Entered> | undefined {
  const { exchange, api, subscriptions } = search
  if (credential === undefined) return skip(search, plan, 'the call carries nothing of the kind')
  if (credential.kind === 'none') {
    if (search.carries) return skip(search, plan, 'the call carries a credential, and is not let in as if it had none')
    if (!ruleHolds(plan, exchange)) return skip(search, plan, RULE)
    exchange.attributes.set('application', ANONYMOUS)
    return enter(search, plan, exchange.request.remoteAddress, 'It wants no credential', [])
  }
  search.carries = true
  if (credential.kind === 'invalid') return skip(search, plan, credential.reason, credential.evidence, credential.fault)
  if (!ruleHolds(plan, exchange)) {
    search.carries = false
    return skip(search, plan, RULE)
  }
  const subscription = subscriptionOf(api, plan, credential, subscriptions)
  if (typeof subscription === 'string') return skip(search, plan, subscription, shown(credential))
  const flaw = subscriptionFlaw(subscription, exchange.request.timestamp)
  if (flaw !== undefined) return skip(search, plan, flaw.reason, flaw.evidence)
  const { id, applicationId, applicationName } = subscription
  exchange.attributes.set('application', applicationId)
  exchange.attributes.set('subscription-id', id)
  if (credential.kind === 'certificate') exchange.attributes.set(PINNED_CERTIFICATE, credential.thumbprint)
  return enter(search, plan, id, `The call comes from ${applicationName}, which has subscribed to it`, [
    { label: 'Application', value: applicationName },
    { label: 'Subscription', value: id },
  ])
}

const RULE = 'its selection rule does not hold for the call'

const ruleHolds = ({ rule }: CompiledPlan, exchange: Exchange) => rule === undefined || rule.holds(contextOf(exchange))

function subscriptionOf(
  { id: apiId }: CompiledApi,
  { id: planId }: CompiledPlan,
  credential: Exclude<Credential, { kind: 'none' | 'invalid' }>,
  subscriptions: Subscriptions,
): SubscriptionSnapshot | string {
  switch (credential.kind) {
    case 'api-key': {
      const found = subscriptions.byKey(apiId, credential.digest)?.subscription
      if (found === undefined) return 'the API key is none of this API'
      return found.planId === planId ? found : 'the API key is for another plan'
    }
    case 'client':
      return (
        subscriptions.byClient(apiId, planId, credential.clientId) ?? 'the client of the token has not subscribed to it'
      )
    case 'certificate':
      return (
        subscriptions.byCertificate(apiId, planId, credential.thumbprint) ??
        'no subscription to it has the certificate of the client'
      )
  }
}

function shown(credential: Credential): Evidence[] {
  if (credential.kind === 'client') return [{ label: 'Client id', value: credential.clientId.slice(0, 256) }]
  return credential.kind === 'certificate' ? [{ label: 'Certificate', value: credential.thumbprint }] : []
}

function skip(
  { tried, call: { trace } }: Search,
  plan: CompiledPlan,
  reason: string,
  evidence: readonly Evidence[] = [],
  fault = false,
): undefined {
  tried.push({ plan, reason, evidence, fault })
  trace?.add({
    kind: 'plan',
    title: `Plan ${plan.name}`,
    decision: 'skipped',
    sentence: `It wants ${plan.wants}: ${reason}`,
    evidence,
  })
  return undefined
}

function enter(
  { exchange, call }: Search,
  plan: CompiledPlan,
  user: string,
  sentence: string,
  evidence: readonly Evidence[],
): Entered | Promise<Entered> {
  exchange.attributes.set('plan', plan.id)
  exchange.attributes.set('user-id', user)
  call.trace?.add({ kind: 'plan', title: `Plan ${plan.name}`, decision: 'passed', sentence, evidence })
  if (plan.check.length === 0) return plan
  const outcome = runSteps(plan.check, exchange, call)
  return outcome instanceof Promise ? outcome.then((failure) => failure ?? plan) : (outcome ?? plan)
}
