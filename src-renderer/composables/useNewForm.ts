import { reactive, ref, watch } from 'vue'
import { focusFirstError } from './focusFirstError'
import { useAction } from './useAction'
import { fieldError } from './useDraft'

/** What a form that makes something new is made of. */
interface NewForm<T> {
  /** The form with nothing typed; plain data. */
  readonly blank: () => T
  /** Whether what is typed cannot be sent; asked when the person wants to. */
  readonly isWrong: (form: T) => boolean
  /** Makes it; rejects with ProblemError. */
  readonly send: (form: T) => Promise<unknown>
}

/**
 * A form that makes something new. What is typed stays until it is made: a refused try keeps it and goes to the first field that is
 * not right, and a closed dialog has it when it opens again.
 */
export function useNewForm<T extends object>({ blank, isWrong, send }: NewForm<T>) {
  const form = reactive(blank()) as T
  /** Whether the person has tried to send it since it was blank: from then on missing fields are told. */
  const tried = ref(false)
  const { busy, problem, run } = useAction()
  watch(form, () => (problem.value = undefined))

  async function submit(): Promise<void> {
    tried.value = true
    if (busy.value) return
    if (isWrong(form) || !(await run(() => send(form)))) return focusFirstError()
    Object.assign(form, blank())
    tried.value = false
  }

  /** What the problem says of a field, by its JSON pointer (`/name`). */
  const errorOf = (pointer: string): string | undefined => fieldError(problem.value, pointer)

  return { form, tried, busy, problem, submit, errorOf }
}

/** Has the path of a new thing follow its name until the person writes another. */
export function followName(form: { name: string; path: string }, derivePath: (name: string) => string): void {
  watch(
    () => form.name,
    (name, before) => {
      if (form.path === derivePath(before)) form.path = derivePath(name)
    },
  )
}
