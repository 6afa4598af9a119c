import { planSecurity, planStatus, type PlanSecurity, type PlanStatus } from '@shared/plans'
import type { Plan } from '@shared/api-definition'

export interface PlanKind {
  readonly security: PlanSecurity
  readonly label: string
  readonly icon: string
  readonly description: string
}

/** The kinds of plans, the easiest to try first. */
export const planKinds: readonly PlanKind[] = [
  {
    security: 'API_KEY',
    label: 'API key',
    icon: 'i-lucide-key-round',
    description: 'Applications subscribe, and get a key that they send with each call.',
  },
  {
    security: 'OAUTH2',
    label: 'OAuth2',
    icon: 'i-lucide-shield-check',
    description: 'Applications subscribe, and call with access tokens that an authorization server is asked about.',
  },
  {
    security: 'JWT',
    label: 'JWT',
    icon: 'i-lucide-file-key-2',
    description: 'Applications subscribe, and call with signed tokens that are checked here, without asking anybody.',
  },
  {
    security: 'MTLS',
    label: 'Mutual TLS',
    icon: 'i-lucide-badge-check',
    description: 'Applications subscribe with a certificate, and show it when they connect.',
  },
  {
    security: 'KEY_LESS',
    label: 'Keyless',
    icon: 'i-lucide-lock-open',
    description: 'Everybody may call, without subscribing.',
  },
]

export const kindOf = ({ security }: Pick<Plan, 'security'>): PlanKind | undefined =>
  planKinds.find((kind) => kind.security === planSecurity(security.type))

/** What the status of a plan is called, and how it looks. */
export const statuses: Readonly<
  Record<
    PlanStatus,
    { readonly label: string; readonly color: 'success' | 'neutral' | 'warning'; readonly meaning: string }
  >
> = {
  STAGING: { label: 'Being prepared', color: 'neutral', meaning: 'It lets nobody in until it is published.' },
  PUBLISHED: { label: 'Published', color: 'success', meaning: 'It lets calls in and takes subscriptions.' },
  DEPRECATED: { label: 'Deprecated', color: 'warning', meaning: 'It lets calls in, and takes no new subscriptions.' },
  CLOSED: { label: 'Closed', color: 'neutral', meaning: 'It lets nobody in.' },
}

export const statusOf = (plan: Pick<Plan, 'status'>) => statuses[planStatus(plan)]

/** What the status of a plan means for its callers. Nobody subscribes to a keyless one. */
export function meaningOf(plan: Pick<Plan, 'status' | 'security'>): string {
  const status = planStatus(plan)
  const isOpen = status === 'PUBLISHED' || status === 'DEPRECATED'
  return isOpen && kindOf(plan)?.security === 'KEY_LESS' ? 'It lets calls in.' : statuses[status].meaning
}
