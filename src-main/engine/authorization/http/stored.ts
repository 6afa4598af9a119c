import { isStateFailure } from '../../state'
import { OAuthRefusal } from './oauth-refusal'

/**
 * Waits for what has to be on the disk before it is answered.
 *
 * @param what e.g. `The revocation`
 * @throws OAuthRefusal 503 `temporarily_unavailable` when the disk fails, with the key `…_NOT_STORED`
 */
export async function stored<T>(work: Promise<T>, what: string, key: string, advice: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isStateFailure(error)) throw error
    throw new OAuthRefusal(503, 'temporarily_unavailable', `${what} could not be stored; try again`, {
      key: `${key}_NOT_STORED`,
      sentence: `${what} could not be written to the disk. ${advice}`,
    })
  }
}
