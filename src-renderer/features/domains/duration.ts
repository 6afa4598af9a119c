const units: [name: string, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** Seconds as a person says them: 7200 is “2 hours”, 5430 “1 hour 30 minutes 30 seconds”. */
export function formatDuration(seconds: number): string {
  const parts: string[] = []
  let rest = Math.floor(seconds)
  for (const [name, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`)
  }
  return parts.join(' ') || '0 seconds'
}
