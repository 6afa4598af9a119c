import type { Page } from '@playwright/test'
import { call } from './bridge'

/** An application that users log in to, with everything that can be set, for what shows it. */
export async function makeSite(page: Page, domainId: string): Promise<void> {
  const { application } = await call(page, 'applications.create', {
    ...{ domainId, name: 'Shop', type: 'web' },
    grantTypes: ['authorization_code', 'refresh_token', 'password'],
    redirectUris: ['https://shop.example/callback', 'http://localhost:3000/callback'],
    allowedOrigins: ['https://shop.example'],
    allowedResources: ['https://api.shop.example'],
    forcePKCE: true,
    forceS256CodeChallengeMethod: false,
    tokenCustomClaims: [
      { tokenType: 'ACCESS_TOKEN', claimName: 'tier', claimValue: 'gold' },
      { tokenType: 'ID_TOKEN', claimName: 'mail', claimValue: "{#context.attributes['user'].email}" },
    ],
  })
  await call(page, 'applications.rotateSecret', { domainId, applicationId: application.id, overlapSeconds: 3600 })
}
