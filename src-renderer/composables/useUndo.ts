import { useToast } from '@nuxt/ui/composables/useToast'
import { useProblemToast } from './useProblemToast'

/** Tells what was done and offers to undo it, instead of asking beforehand. An undo that rejects is told in a toast. */
export function useUndo() {
  const toast = useToast()
  const { attempt } = useProblemToast()
  return (title: string, undo: () => unknown, description = ''): void => {
    const { id } = toast.add({
      title,
      description,
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
            toast.remove(id)
            void attempt(async () => undo())
          },
        },
      ],
    })
  }
}
