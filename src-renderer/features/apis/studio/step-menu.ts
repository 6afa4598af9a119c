import type { DropdownMenuItem } from '@nuxt/ui'
import type { Phase } from '@shared/catalogue'
import type { StepPlace } from '../flow-edits'

/** What can be done with a step of the chain. */
export interface StepActions {
  readonly toggle: () => void
  readonly duplicate: () => void
  /** Into a gap of its own phase, as counted before the move. */
  readonly move: (gap: number) => void
  readonly toPhase: (phase: Phase) => void
  readonly remove: () => void
}

export const otherPhase = (phase: Phase): Phase => (phase === 'request' ? 'response' : 'request')

/** The actions of a step, with what is not possible where it stands switched off. */
export function stepMenu(
  place: StepPlace,
  { count, enabled, phases }: { count: number; enabled: boolean; phases: readonly Phase[] },
  { toggle, duplicate, move, toPhase, remove }: StepActions,
): DropdownMenuItem[][] {
  const other = otherPhase(place.phase)
  return [
    [
      { label: enabled ? 'Turn off' : 'Turn on', icon: 'i-lucide-power', onSelect: toggle },
      { label: 'Duplicate', icon: 'i-lucide-copy', kbds: ['meta', 'D'], onSelect: duplicate },
    ],
    [
      {
        label: 'Move earlier',
        icon: 'i-lucide-arrow-up',
        disabled: place.step === 0,
        onSelect: () => move(place.step - 1),
      },
      {
        label: 'Move later',
        icon: 'i-lucide-arrow-down',
        disabled: place.step === count - 1,
        onSelect: () => move(place.step + 2),
      },
      {
        label: phases.includes(other) ? `Move to the ${other}` : `Does not run on the ${other}`,
        icon: 'i-lucide-corner-down-left',
        disabled: !phases.includes(other),
        onSelect: () => toPhase(other),
      },
    ],
    [{ label: 'Remove', icon: 'i-lucide-trash-2', kbds: ['Delete'], onSelect: remove }],
  ]
}
