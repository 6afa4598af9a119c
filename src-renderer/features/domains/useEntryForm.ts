import { ref, shallowRef } from 'vue'
import { useNewForm } from '@/composables/useNewForm'

/** What the dialog of a list is made of, which adds an entry and changes one. */
interface EntryForm<T, F> {
  /** The form of an entry; of nothing typed when there is none. */
  readonly formOf: (entry: T | undefined) => F
  readonly isWrong: (form: F) => boolean
  /** Saves what was typed: to the entry that is being changed, or as a new one. Rejects with ProblemError. */
  readonly send: (form: F, entry: T | undefined) => Promise<unknown>
}

/** The dialog that adds an entry to a list, or changes one. A new one that was typed and not added is there when it opens again. */
export function useEntryForm<T extends object, F extends object>({ formOf, isWrong, send }: EntryForm<T, F>) {
  const open = ref(false)
  /** The entry that is being changed; a new one when there is none. */
  const editing = shallowRef<T>()
  const newForm = useNewForm<F>({
    blank: () => formOf(undefined),
    isWrong,
    async send(typed) {
      await send(typed, editing.value)
      open.value = false
    },
  })

  function edit(entry?: T): void {
    if (entry || editing.value) Object.assign(newForm.form, formOf(entry))
    editing.value = entry
    newForm.tried.value = false
    open.value = true
  }
  return { ...newForm, open, editing, edit }
}
