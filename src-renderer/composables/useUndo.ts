import { useToast } from '@nuxt/ui/composables/useToast'

/** Tells what was done and offers to undo it, instead of asking beforehand. */
export function useUndo() {
  const toast = useToast()
  return (title: string, undo: () => void): void => {
    const { id } = toast.add({
      title,
      icon: 'i-lucide-check',
      color: 'neutral',
      duration: 8000,
      actions: [
        {
          label: 'Undo',
          icon: 'i-lucide-rotate-ccw',
          color: 'neutral',
          variant: 'outline',
          onClick: () => {
            undo()
            toast.remove(id)
          },
        },
      ],
    })
  }
}
