import { computed, reactive, ref, watch } from 'vue'
import type { Problem } from '@shared/problem'
import { toProblem } from '@/client'

/**
 * A form over something saved: what the person typed, whether it differs from what is saved, and saving it. What is
 * typed is never lost: a failed save keeps it, and a change from outside is taken over only where nothing was typed.
 * @param saved what the form would hold with nothing typed; plain data
 * @param send saves the form; rejects with ProblemError
 */
export function useDraft<T extends object>(saved: () => T, send: (form: T) => Promise<unknown>) {
  const copy = (): T => JSON.parse(JSON.stringify(saved())) as T
  const form = reactive(copy()) as T
  const baseline = ref(JSON.stringify(saved()))
  const problem = ref<Problem>()
  const saving = ref(false)

  const dirty = computed(() => JSON.stringify(form) !== baseline.value)

  function reset(): void {
    Object.assign(form, copy())
    baseline.value = JSON.stringify(saved())
    problem.value = undefined
  }

  async function save(): Promise<boolean> {
    if (saving.value) return false
    saving.value = true
    problem.value = undefined
    const sent = JSON.stringify(form)
    try {
      await send(JSON.parse(sent) as T)
      baseline.value = sent
      return true
    } catch (error) {
      problem.value = toProblem(error)
      return false
    } finally {
      saving.value = false
    }
  }

  watch(
    () => JSON.stringify(saved()),
    (now) => {
      if (!dirty.value) Object.assign(form, copy())
      if (!saving.value) baseline.value = now
    },
  )

  /** What is wrong with a field, by its JSON pointer (`/name`), for a form field's `error`. */
  const errorOf = (pointer: string): string | undefined => fieldError(problem.value, pointer)

  return { form, dirty, saving, problem, save, reset, errorOf }
}

/** What a problem says of one field and of what stands within it, with the remedy. */
export function fieldError(problem: Problem | undefined, pointer: string): string | undefined {
  const error = problem?.errors?.find(({ field }) => field === pointer || field.startsWith(`${pointer}/`))
  return error && [error.message, error.remedy].filter(Boolean).join(' ')
}
