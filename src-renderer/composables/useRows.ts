import { useTemplateRef } from 'vue'

/**
 * The keyboard in a table whose rows have one button each, marked `data-row` with the row's key: arrow keys go from row to row.
 * The body of the table has the template ref `body`.
 */
export function useRows() {
  const body = useTemplateRef<HTMLElement>('body')

  function moveRow(event: KeyboardEvent, by: 1 | -1): void {
    const buttons = [...(body.value?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    buttons[buttons.indexOf(event.currentTarget as HTMLElement) + by]?.focus() // the button that the key was pressed on
  }
  function focusRow(key: string | number): void {
    body.value?.querySelector<HTMLElement>(`[data-row="${CSS.escape(String(key))}"]`)?.focus()
  }
  return { moveRow, focusRow }
}
