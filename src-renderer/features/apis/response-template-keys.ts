import type { PolicyEntry } from '@shared/catalogue'
import type { ResponseTemplate } from '@shared/api-definition'
import { gatewayFailures } from '@shared/gateway-failures'

/** Failure keys that a template may be for, with the status that each has. */
export function failureKeys(policies: readonly PolicyEntry[]): { readonly key: string; readonly status: number }[] {
  const own = gatewayFailures.filter(({ isTemplated }) => isTemplated)
  const all = [...policies.flatMap(({ errors }) => errors), ...own]
  const known = new Map(all.map(({ key, status }) => [key, { key, status }]))
  return [{ key: 'DEFAULT', status: 500 }, ...[...known.values()].sort((a, b) => a.key.localeCompare(b.key))]
}

/** RFC 9457, with the failure's own words. */
export const problemDetails: ResponseTemplate = {
  headers: { 'Content-Type': 'application/problem+json' },
  body: `{
  "type": "about:blank",
  "title": "{#jsonEscape(#error.message)}",
  "status": {#error.status},
  "instance": "{#jsonEscape(#request.path)}",
  "key": "{#error.key}"
}`,
}
