/**
 * Format 1 kept both ports in one object, `ports: { gateway, authorization }`, which reads badly in a diff of one of them.
 * Format 2 keeps each under its own name.
 */
export function splitPorts(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { ports, ...rest } = document
  const { gateway, authorization } = isObject(ports) ? ports : {}
  return {
    ...rest,
    ...(rest.gatewayPort === undefined && gateway !== undefined ? { gatewayPort: gateway } : {}),
    ...(rest.authorizationPort === undefined && authorization !== undefined
      ? { authorizationPort: authorization }
      : {}),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
