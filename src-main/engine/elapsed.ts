/**
 * Milliseconds since a time of performance.now(), to the microsecond: more digits would only make every record longer, and the clock is
 * not right to them.
 */
export function elapsed(started: number): number {
  return Math.round((performance.now() - started) * 1000) / 1000
}
