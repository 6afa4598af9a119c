import { Prec, StateEffect, StateField } from '@codemirror/state'
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from '@codemirror/view'
import { expressionsIn } from '@/components/expressions/expressions-in'

const expression = Decoration.mark({ class: 'cm-expression' })
const pieces = {
  brace: Decoration.mark({ class: 'cm-expression-brace' }),
  root: Decoration.mark({ class: 'cm-expression-root' }),
  text: Decoration.mark({ class: 'cm-expression-text' }),
  number: Decoration.mark({ class: 'cm-expression-number' }),
  word: Decoration.mark({ class: 'cm-expression-word' }),
}

function marksIn(view: EditorView): DecorationSet {
  const ranges = expressionsIn(view.state.doc.toString()).flatMap(({ place, tokens }) => [
    expression.range(place.from, place.to),
    ...tokens.map(({ kind, from, to }) => pieces[kind].range(from, to)),
  ])
  return Decoration.set(ranges, true)
}

const marks = ViewPlugin.fromClass(
  class {
    marks: DecorationSet
    constructor(view: EditorView) {
      this.marks = marksIn(view)
    }
    update({ docChanged, view }: ViewUpdate) {
      if (docChanged) this.marks = marksIn(view)
    }
  },
  { decorations: (plugin) => plugin.marks },
)

/** Colours for the expressions of a text, before those of what the text around them is written in. */
export const expressionMarks = Prec.highest(marks)

/** Underlines what cannot be understood, from its character on; undefined takes the line away. */
export const showFault = StateEffect.define<number | undefined>()

const fault = Decoration.mark({ class: 'cm-fault' })

export const faultMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = marks.map(transaction.changes)
    for (const effect of transaction.effects)
      if (effect.is(showFault)) now = effect.value === undefined ? Decoration.none : faultAt(transaction.state.doc.toString(), effect.value) // prettier-ignore
    return now
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** The word or sign there; at the end of the text its last sign. */
function faultAt(text: string, at: number): DecorationSet {
  if (text === '') return Decoration.none
  const from = Math.min(at, text.length - 1)
  const length = /^(?:#?\w+|\s+)/.exec(text.slice(from))?.[0].length ?? 1
  return Decoration.set([fault.range(from, from + length)])
}
