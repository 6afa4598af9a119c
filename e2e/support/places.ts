import type { Page } from '@playwright/test'
import { call } from './bridge'

/** Every page of the window, by what it shows and where it is, as the workspace stands. */
export async function everyPage(page: Page): Promise<readonly { name: string; place: string }[]> {
  const [domain] = await call(page, 'domains.list', {})
  const [api] = await call(page, 'apis.list', {})
  const application = domain?.applications[0]
  const ofDomain = ['applications', 'scopes', 'keys', 'settings']
  const ofApi = ['overview', 'policies', 'resources', 'endpoints', 'properties', 'deployments', 'settings']
  return [
    { name: 'overview', place: '/' },
    { name: 'domains', place: '/domains' },
    ...(domain ? ofDomain.map((tab) => ({ name: `domain ${tab}`, place: `/domains/${domain.id}/${tab}` })) : []),
    ...(domain && application
      ? [{ name: 'application', place: `/domains/${domain.id}/applications/${application.id}` }]
      : []),
    { name: 'apis', place: '/apis' },
    ...(api ? ofApi.map((tab) => ({ name: `api ${tab}`, place: `/apis/${api.definition.id}/${tab}` })) : []),
    { name: 'console', place: '/console' },
    { name: 'traffic', place: '/traffic' },
    { name: 'settings', place: '/settings' },
  ]
}
