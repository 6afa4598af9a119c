import type { ImportResult } from '@shared/user-import'

export const counted = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** A duration as somebody says it who has to wait: “about 3 minutes”. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `about ${counted(Math.max(1, Math.ceil(seconds / 5) * 5), 'second')}`
  return `about ${counted(Math.round(seconds / 60), 'minute')}`
}

/** What an import has done, in a sentence. */
export function tellResult({
  created,
  changed,
  unchanged,
  refusedRows,
  createdRoles,
  createdGroups,
  revoked,
}: ImportResult): string {
  const parts = [
    `${created.toLocaleString('en')} new`,
    `${changed.toLocaleString('en')} changed`,
    ...(unchanged ? [`${unchanged.toLocaleString('en')} were so already`] : []),
    ...(refusedRows ? [`${counted(refusedRows, 'row')} skipped`] : []),
  ]
  const added = [
    ...(createdRoles.length ? [counted(createdRoles.length, 'role')] : []),
    ...(createdGroups.length ? [counted(createdGroups.length, 'group')] : []),
  ]
  const tokens =
    revoked === undefined
      ? ' The engine does not run: the tokens of users whose password changed stay. Revoke them under Sessions and consents.'
      : ''
  return `${parts.join(', ')}.${added.length ? ` Added ${added.join(' and ')}.` : ''}${tokens}`
}
