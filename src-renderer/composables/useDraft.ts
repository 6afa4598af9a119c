import { computed, reactive, ref, watch, type Ref } from 'vue'
import type { FieldError, Problem } from '@shared/problem'
import { toProblem } from '@/client'

/**
 * A form over something saved: what the person typed, whether it differs from what is saved, and saving it. What is
 * typed is never lost: a failed save keeps it, and a change from outside is taken over only in fields that were left alone.
 * @param saved what the form would hold with nothing typed; plain data
 * @param send saves the form; rejects with ProblemError
 */
export function useDraft<T extends object>(saved: () => T, send: (form: T) => Promise<unknown>) {
  const copy = (): T => JSON.parse(JSON.stringify(saved())) as T
  const form = reactive(copy()) as T
  /** What was saved when the form last agreed with it, field by field. */
  const baseline = ref(copy()) as Ref<T>
  const problem = ref<Problem>()
  const saving = ref(false)

  const dirty = computed(() => !same(form, baseline.value))

  function reset(): void {
    Object.assign(form, copy())
    baseline.value = copy()
    problem.value = undefined
  }

  async function save(): Promise<boolean> {
    if (saving.value) return false
    saving.value = true
    problem.value = undefined
    const sent = JSON.stringify(form)
    try {
      await send(JSON.parse(sent) as T)
      baseline.value = JSON.parse(sent) as T
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
    () => {
      const fresh = copy()
      for (const field of Object.keys(fresh) as (keyof T)[]) {
        if (same(form[field], baseline.value[field])) form[field] = fresh[field]
      }
      baseline.value = copy()
    },
  )

  /** What is wrong with a field, by its JSON pointer (`/name`), for a form field's `error`. */
  const errorOf = (pointer: string): string | undefined => fieldError(problem.value, pointer)

  return { form, dirty, saving, problem, save, reset, errorOf }
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** What a problem says of one field and of what stands within it, with the remedy. */
export function fieldError(problem: Problem | undefined, pointer: string): string | undefined {
  const error = problem?.errors?.find(({ field }) => field === pointer || field.startsWith(`${pointer}/`))
  return error && tellFieldError(error)
}

/** An error and its remedy as sentences. */
export function tellFieldError({ message, remedy }: FieldError): string {
  if (!remedy) return message
  return `${message}${/[.:?]$/.test(message) ? '' : '.'} ${remedy}`
}
