import { passwordFault } from '@shared/password-policy'
import { tellFault } from './tell-fault'

/** How a user gets a password. */
export type PasswordChoice = 'generate' | 'type' | 'none'

export interface PasswordForm {
  choice: PasswordChoice
  typed: string
}

export const blankPassword = (): PasswordForm => ({ choice: 'generate', typed: '' })

/** What is wrong with the choice; undefined when it can be sent. */
export function passwordError({ choice, typed }: PasswordForm, username: string): string | undefined {
  return choice === 'type' ? tellFault(passwordFault(typed, username)) : undefined
}
