/**
 * Secrets never stand in a document: the document holds a reference and the workspace keeps the value.
 * `secret://gatehouse/<id>` names a value sealed in `secrets.enc`; `secret://env/<NAME>` an environment variable whose name begins
 * with `GATEHOUSE_SECRET_`.
 * The form is that of Gravitee's secret providers (`secret://<provider>/<path>`).
 */
export type SecretReference = { provider: 'gatehouse' | 'env'; path: string }

const form = /^secret:\/\/(gatehouse|env)\/([A-Za-z0-9_.\-/]+)$/

/** The reference that a configuration value holds, or undefined when the value is not one. */
export function parseSecretReference(value: unknown): SecretReference | undefined {
  const match = typeof value === 'string' ? form.exec(value) : null
  return match ? { provider: match[1] as SecretReference['provider'], path: match[2]! } : undefined
}

/** The text of a reference, as it stands in documents. */
export function formatSecretReference(reference: SecretReference): string {
  return `secret://${reference.provider}/${reference.path}`
}

/**
 * What the names of variables begin with that a workspace may refer to. It may come from anybody, and sends its secrets to servers
 * that it names: of a person's variables it gets those that were set for this, and no other.
 */
export const SECRET_VARIABLE_PREFIX = 'GATEHOUSE_SECRET_'

/** Whether an environment variable may be referred to. */
export function isSecretVariable(name: string): boolean {
  return name.startsWith(SECRET_VARIABLE_PREFIX)
}
