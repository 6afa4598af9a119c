import { ref } from 'vue'
import type { Problem } from '@shared/problem'
import { toProblem } from '@/client'

/** Something that a person has done by a click: one at a time, and what was wrong with the last. */
export function useAction() {
  const busy = ref(false)
  const problem = ref<Problem>()

  /** Does the work, unless some is being done; answers whether it was done. Never rejects. */
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = undefined
    try {
      await work()
      return true
    } catch (error) {
      problem.value = toProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, run }
}
