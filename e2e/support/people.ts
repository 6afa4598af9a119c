import type { Page } from '@playwright/test'
import { call } from './bridge'

/** A domain with users of every standing, with roles and groups, for what shows them. */
export async function makePeople(page: Page, domainId: string): Promise<{ userId: string }> {
  for (const key of ['read', 'write']) await call(page, 'domains.saveScope', { domainId, scope: { key } })
  const reader = await call(page, 'roles.create', { domainId, name: 'Reader', oauthScopes: ['read'] })
  await call(page, 'roles.create', {
    domainId,
    name: 'Manager',
    description: 'Sees to it',
    oauthScopes: ['read', 'write'],
  })
  const staff = await call(page, 'groups.create', { domainId, name: 'Staff', roles: [reader.id] })
  const { user: ada } = await call(page, 'users.create', {
    ...{ domainId, username: 'ada', email: 'ada@example.org', firstName: 'Ada', lastName: 'Lovelace' },
    ...{ password: 'correct horse', roles: [reader.id], groups: [staff.id] },
    additionalInformation: { locale: 'en-GB', address: { locality: 'London' }, level: 3 },
  })
  const { user: grace } = await call(page, 'users.create', { domainId, username: 'grace', groups: [staff.id] })
  await call(page, 'users.lock', { domainId, userId: grace.id })
  await call(page, 'users.create', { domainId, username: 'alan', enabled: false })
  const others = Array.from({ length: 60 }, (_, number) => ({ username: `user${number}` }))
  await call(page, 'users.import', { domainId, content: JSON.stringify(others), onRefused: 'stop' })
  return { userId: ada.id }
}
