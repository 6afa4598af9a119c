import type { PolicyEntry } from '@shared/catalogue'
import type { ResponseTemplate } from '@shared/api-definition'

/** Failures of the gateway itself, with their statuses, beside those that policies declare. */
const OWN: readonly { readonly key: string; readonly status: number }[] = [
  { key: 'GATEWAY_PLAN_UNRESOLVABLE', status: 401 },
  { key: 'GATEWAY_REQUEST_TOO_LARGE', status: 413 },
  { key: 'GATEWAY_BACKEND_REFUSED', status: 502 },
  { key: 'GATEWAY_BACKEND_UNREACHABLE', status: 503 },
  { key: 'GATEWAY_CONNECT_TIMEOUT', status: 504 },
  { key: 'GATEWAY_READ_TIMEOUT', status: 504 },
  { key: 'FLOW_EXECUTION_FLOW_MATCHED_FAILURE', status: 404 },
]

/** Failure keys that a template may be for, with the status that each has. */
export function failureKeys(policies: readonly PolicyEntry[]): { readonly key: string; readonly status: number }[] {
  const all = [...policies.flatMap(({ errors }) => errors.map(({ key, status }) => ({ key, status }))), ...OWN]
  const known = new Map(all.map((each) => [each.key, each]))
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
