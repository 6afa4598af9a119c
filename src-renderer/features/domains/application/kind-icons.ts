import type { ApplicationType } from '@shared/domain'

/** A picture for each kind of application. */
export const kindIcons: Readonly<Record<ApplicationType, string>> = {
  web: 'i-lucide-globe',
  browser: 'i-lucide-app-window',
  native: 'i-lucide-smartphone',
  service: 'i-lucide-server-cog',
  resource_server: 'i-lucide-shield-check',
  agent: 'i-lucide-bot',
}
