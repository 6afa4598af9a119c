const LONGEST = 300

/** Why the engine died, for a person: the error's name and message, with what could be a credential in it masked. */
export function crashReason(error: unknown): string {
  if (error === undefined) return 'The thread ended without an error'
  if (!(error instanceof Error)) return 'The thread threw something that is no error'
  const [line = ''] = error.message.split('\n')
  const masked = line
    .replaceAll(/eyJ[\w-]*\.[\w-]*\.?[\w-]*/g, '…')
    .replaceAll(/\b(Bearer|Basic)\s+\S+/gi, '$1 …')
    .replaceAll(/((?:secret|password|token|authorization)["']?\s*[:=]\s*)\S+/gi, '$1…')
    .replaceAll(/(?<![/\\\w-])[\w+-]{40,}={0,2}(?![/\\\w-])/g, '…')
  return `${error.name}: ${masked}`.slice(0, LONGEST)
}
