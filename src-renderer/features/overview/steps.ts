import type { WalkthroughStep, WalkthroughStepId } from '@shared/overview'
import type { RouteLocationRaw } from 'vue-router'

/** What the checklist says of a step while it is open. */
export const stepTexts: Record<WalkthroughStepId, { title: string; text: string }> = {
  application: { title: 'Create an application', text: 'Credentials that a client uses to ask for tokens.' },
  api: { title: 'Create an API', text: 'A path on the gateway and the backend behind it.' },
  resource: {
    title: 'Add the authorization server as a resource',
    text: 'How the gateway asks whether a token is good.',
  },
  policy: { title: 'Drag the OAuth2 policy onto the path', text: 'From here on, no token, no answer.' },
  deploy: { title: 'Deploy', text: 'The draft becomes a revision and takes over at once.' },
  refused: { title: 'See a call refused', text: 'Without a token: 401, and why.' },
  answered: { title: 'Get a token and see it answered', text: 'With a token: 200, and what the backend received.' },
}

/** What a step that is still open would be done to. */
export type StepSubject = { apiId?: string | undefined; domainId?: string | undefined }

/** The page on which a step is done by hand: that of its own subject, or else of the one that the walk-through is about. */
export function placeOf(step: WalkthroughStep, subject: StepSubject): RouteLocationRaw {
  const apiId = step.apiId ?? subject.apiId
  const domainId = step.domainId ?? subject.domainId
  const api = (tab: string): RouteLocationRaw =>
    apiId ? { name: 'api', params: { apiId, tab } } : { name: 'apis', query: { new: '1' } }
  switch (step.id) {
    case 'application':
      return domainId
        ? { name: 'domain', params: { domainId, tab: 'applications' }, query: { new: '1' } }
        : { name: 'domains', query: { new: '1' } }
    case 'api':
      return { name: 'apis', query: { new: '1' } }
    case 'resource':
      return api('resources')
    case 'policy':
    case 'deploy':
      return api('policies')
    case 'refused':
    case 'answered':
      return { name: 'console', query: apiId ? { api: apiId } : {} }
  }
}
