import { useToast } from '@nuxt/ui/composables/useToast'
import { toProblem } from '@/client'

/** Tells of a failure that belongs to no field and no place on the page. */
export function useProblemToast() {
  const toast = useToast()

  function showProblem(error: unknown): void {
    const problem = toProblem(error)
    toast.add({
      title: problem.title,
      description: [problem.detail, problem.remedy].filter(Boolean).join(' '),
      color: 'error',
      icon: 'i-lucide-circle-alert',
      duration: 10_000,
    })
  }

  /** Runs something for a button; a failure is told in a toast. Answers whether it went well. */
  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      showProblem(error)
      return false
    }
  }

  return { showProblem, attempt }
}
