import { nextTick } from 'vue'

/** After a refused submit: to the first field that is not right, within the open dialog when there is one. */
export async function focusFirstError(): Promise<void> {
  await nextTick()
  const place = document.querySelector('[role=dialog]') ?? document
  place.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
}
