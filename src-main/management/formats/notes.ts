import type { FormatNote, FormatNoteKind } from '@shared/api-formats'
import { child, isBlank, type Open } from './values'

/** Collects how the parts of a file fare. */
export interface Notes {
  readonly all: readonly FormatNote[]
  /** Notes of a part of the file, whose pointers start there. */
  within(at: string): Notes
  add(kind: FormatNoteKind, pointer: string, sentence: string, remedy?: string): void
  /** Tells of every member that nobody has asked for; blank ones hold nothing to tell of. */
  leftOver(value: Open, at: string, asked: readonly string[], why: (name: string) => string): void
}

/** Notes beyond which a list helps nobody; the last one says how many more there are. */
const MOST = 500

export function collectNotes(): Notes {
  const notes: FormatNote[] = []
  /** How often each was told, by what it says. */
  const told = new Map<string, number>()
  const keyOf = ({ kind, sentence, remedy }: FormatNote) => JSON.stringify([kind, sentence, remedy])
  let more = 0
  const add: Notes['add'] = (kind, pointer, sentence, remedy): void => {
    const note = { kind, pointer, sentence, ...(remedy === undefined ? {} : { remedy }) }
    // What keeps a draft from being deployed is told for each place; of other things the first place stands for all.
    const key = kind === 'blocks' ? `${pointer} ${keyOf(note)}` : keyOf(note)
    const before = told.get(key)
    if (before !== undefined) return void told.set(key, before + 1)
    if (notes.length >= MOST) return void more++
    told.set(key, 1)
    notes.push(note)
  }
  const counted = () =>
    notes.map((note) => {
      const count = told.get(keyOf(note)) ?? 1
      return count === 1 ? note : { ...note, sentence: `${note.sentence} (in ${count} places)` }
    })
  const startingAt = (start: string): Notes => ({
    get all() {
      const last: FormatNote = { kind: 'changed', pointer: '', sentence: `${more} more, of the same kinds` }
      return more === 0 ? counted() : [...counted(), last]
    },
    within: (at) => startingAt(start + at),
    add: (kind, pointer, sentence, remedy) => add(kind, start + pointer, sentence, remedy),
    leftOver(value, at, asked, why) {
      for (const [name, member] of Object.entries(value))
        if (!asked.includes(name) && !isBlank(member)) add('dropped', start + child(at, name), why(name))
    },
  })
  return startingAt('')
}
