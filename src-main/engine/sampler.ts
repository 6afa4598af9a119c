import type { ParsedSampling } from '@shared/sampling'

/** Asked once for each call: whether this is one of those whose trace is kept. */
export type Sampler = () => boolean

/**
 * @param now milliseconds of a clock that never goes back
 * @param random from 0 up to 1
 */
export function createSampler(
  sampling: ParsedSampling,
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): Sampler {
  switch (sampling.type) {
    case 'probability':
      return () => random() < sampling.part
    case 'count': {
      let passed = 0
      // The first of them, so that one call is enough to see that it works.
      return () => passed++ % sampling.every === 0
    }
    case 'temporal':
      return within(1, sampling.everyMs, now)
    case 'windowed_count':
      return within(sampling.count, sampling.windowMs, now)
  }
}

/** So many in a window, which begins with the first call after the one before is over. */
function within(most: number, windowMs: number, now: () => number): Sampler {
  let began = -Infinity
  let taken = 0
  return () => {
    const at = now()
    if (at - began >= windowMs) {
      began = at
      taken = 0
    }
    return taken < most && ++taken > 0
  }
}
