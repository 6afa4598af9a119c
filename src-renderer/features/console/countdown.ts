/** Seconds left, for a countdown: 1:59:58, 4:05, 9 s. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (number: number) => String(number).padStart(2, '0')
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds >= 60 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}` : `${seconds} s`
}
