import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits that nobody guesses, for a cookie or an address. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What the state keeps in place of a secret: who reads the disk has none of them. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/** The token of one form: who does not have the browser's secret cannot make it, and it fits no other form. */
export function formToken(secret: string, ...form: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(form)).digest('base64url')
}

/** Compares without telling by the time taken how much of it is right. */
export function isSame(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
