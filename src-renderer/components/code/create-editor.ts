import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, standardKeymap } from '@codemirror/commands'
import { Annotation, Compartment, EditorState, Transaction, type Extension } from '@codemirror/state'
import { EditorView, keymap, placeholder, tooltips } from '@codemirror/view'
import { appearance } from './appearance'
import { expressionCompletion, type ExpressionSupport } from './expression-completion'
import { expressionMarks, faultMark, showFault } from './expression-marks'
import { languageOf, type CodeLanguage } from './languages'

export interface EditorOptions {
  readonly parent: HTMLElement
  readonly text: string
  readonly multiline: boolean
  readonly language: CodeLanguage | undefined
  readonly placeholder: string
  /** Of what can be typed into: its name, what describes it, whether it is right. */
  readonly attributes: Readonly<Record<string, string>>
  /** Undefined where no expressions may stand. */
  readonly expressions: ExpressionSupport | undefined
  /** Told of what is typed, not of what is set. */
  readonly onType: (text: string) => void
}

export interface Editor {
  /** As somebody else wrote it: it is not told of, and cannot be undone here. */
  setText(text: string): void
  /** As if it were typed. */
  typeText(text: string): void
  setLanguage(language: CodeLanguage | undefined): void
  setAttributes(attributes: Readonly<Record<string, string>>): void
  /** Underlines from a character on; undefined takes the line away. */
  setFault(at: number | undefined): void
  focus(): void
  destroy(): void
}

const fromOutside = Annotation.define<true>()

/**
 * A text that can be typed into. Tab moves on to the next control, as in any other input: nothing is indented with it, and no key
 * keeps the focus here.
 */
export function createEditor({ parent, text, multiline, expressions, onType, ...given }: EditorOptions): Editor {
  const language = new Compartment()
  const attributes = new Compartment()
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        history(),
        closeBrackets(),
        multiline ? EditorView.lineWrapping : oneLine,
        keymap.of([...closeBracketsKeymap, ...historyKeymap, ...(multiline ? defaultKeymap : standardKeymap)]),
        ...(expressions ? [expressionMarks, faultMark, expressionCompletion(expressions, multiline)] : []),
        placeOfOffers(parent),
        language.of(languageOf(given.language)),
        attributes.of(EditorView.contentAttributes.of(given.attributes)),
        EditorView.contentAttributes.of({ 'aria-multiline': String(multiline), tabindex: '0' }),
        placeholder(given.placeholder),
        appearance,
        EditorView.updateListener.of(({ docChanged, state, transactions }) => {
          if (docChanged && !transactions.some((each) => each.annotation(fromOutside))) onType(state.doc.toString())
        }),
      ],
    }),
  })
  return {
    setText(to) {
      if (to === view.state.doc.toString()) return
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: to },
        annotations: [fromOutside.of(true), Transaction.addToHistory.of(false)],
      })
    },
    typeText: (to) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: to } }),
    setLanguage: (to) => view.dispatch({ effects: language.reconfigure(languageOf(to)) }),
    setAttributes: (to) =>
      view.dispatch({ effects: attributes.reconfigure(EditorView.contentAttributes.of({ ...to })) }),
    setFault: (at) => view.dispatch({ effects: showFault.of(at) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

/** In a dialog within its bounds: it is moved into place, so that what is fixed in it is fixed to it, and not to the window. */
function placeOfOffers(parent: HTMLElement): Extension {
  const dialog = parent.closest('[role="dialog"]')
  if (!dialog) return []
  return tooltips({ position: 'absolute', tooltipSpace: () => dialog.getBoundingClientRect() })
}

/** Line breaks of what is pasted become spaces, and Enter makes none. */
const oneLine: Extension = [
  EditorView.clipboardInputFilter.of((pasted) => pasted.trim().replace(/\s*[\r\n]+\s*/g, ' ')),
  EditorState.transactionFilter.of((transaction) =>
    transaction.newDoc.lines > 1 && !transaction.annotation(fromOutside) ? [] : transaction,
  ),
  EditorView.theme({ '.cm-scroller': { overflowX: 'auto', scrollbarWidth: 'none' } }),
]
