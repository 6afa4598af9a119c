import { nameError } from '../domain-path'

/** What is wrong with the name of a role or group; undefined when it is free and right. */
export function freeNameError(
  name: string,
  what: 'role' | 'group',
  others: readonly { readonly name: string }[],
): string | undefined {
  if (others.some((other) => other.name === name.trim())) {
    return `The domain has a ${what} called ${name.trim()} already. Choose another name.`
  }
  return nameError(name)
}
