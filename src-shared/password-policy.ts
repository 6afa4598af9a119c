import { passwordText } from './password-hash'
import type { Fault } from './problem'
import { usernameKey } from './users'

export const PASSWORD_LEAST_CHARACTERS = 8
/** Bytes of UTF-8; what is hashed without end could be used to keep the server busy. */
export const PASSWORD_MOST_BYTES = 1024

/** Why a password will not do for the user; undefined when it will. The message never holds it. */
export function passwordFault(password: string, username: string): Fault | undefined {
  const text = passwordText(password)
  const characters = [...text].length
  if (characters < PASSWORD_LEAST_CHARACTERS) {
    return {
      message: `A password has at least ${PASSWORD_LEAST_CHARACTERS} characters; this one has ${characters}`,
      remedy: 'Make it longer: some words in a row are easy to remember.',
    }
  }
  const bytes = new TextEncoder().encode(text).length
  if (bytes > PASSWORD_MOST_BYTES) {
    return {
      message: `A password has at most ${PASSWORD_MOST_BYTES} bytes; this one has ${bytes}`,
      remedy: 'Make it shorter.',
    }
  }
  if (usernameKey(text) === usernameKey(username)) {
    return { message: 'The password is the username', remedy: 'Choose one that cannot be guessed.' }
  }
  return undefined
}
