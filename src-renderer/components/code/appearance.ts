import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const ring = (width: number, colour: string) => `inset 0 0 0 ${width}px var(--ui-${colour})`

/** Looks as the inputs of Nuxt UI beside it do, in light and dark. */
const looks = EditorView.theme({
  '&': {
    backgroundColor: 'var(--ui-bg)',
    color: 'var(--ui-text-highlighted)',
    borderRadius: 'calc(var(--ui-radius) * 1.5)',
    fontSize: '12px',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono)',
    fontFeatureSettings: '"calt" 0',
    lineHeight: '18px',
    borderRadius: 'inherit',
    boxShadow: ring(1, 'border-accented'),
  },
  '&.cm-focused .cm-scroller': { boxShadow: ring(2, 'primary') },
  '&:has([aria-invalid="true"]) .cm-scroller': { boxShadow: ring(1, 'error') },
  '&.cm-focused:has([aria-invalid="true"]) .cm-scroller': { boxShadow: ring(2, 'error') },
  '.cm-content': { padding: '6.25px 0', caretColor: 'var(--ui-text-highlighted)' },
  '.cm-line': { padding: '0 8.75px' },
  '.cm-placeholder': { color: 'var(--ui-text-dimmed)' },
  '.cm-expression': {
    color: 'var(--ui-text-highlighted)',
    backgroundColor: 'color-mix(in oklab, var(--ui-primary) 9%, transparent)',
    borderRadius: '3px',
  },
  '.cm-expression-brace, .cm-expression-root': { color: 'var(--ui-primary)' },
  '.cm-expression-text': { color: 'var(--ui-success)' },
  '.cm-expression-number, .cm-expression-word': { color: 'var(--ui-warning)' },
  '.cm-fault': {
    textDecoration: 'underline wavy var(--ui-error) 1px',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    zIndex: '60',
    border: 'none',
    borderRadius: 'calc(var(--ui-radius) * 1.5)',
    backgroundColor: 'var(--ui-bg)',
    color: 'var(--ui-text)',
    boxShadow: '0 0 0 1px var(--ui-border), 0 10px 15px -3px rgb(0 0 0 / 0.15)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font-sans)',
    maxHeight: 'none',
    overflow: 'hidden',
    maxWidth: 'min(34rem, 90vw)',
    minWidth: '18rem',
    padding: '4px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    alignItems: 'baseline',
    gap: '6px',
    padding: '3px 6px',
    borderRadius: 'var(--ui-radius)',
    lineHeight: '18px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--ui-bg-elevated)',
    color: 'var(--ui-text-highlighted)',
  },
  '.cm-completionLabel': { fontFamily: 'var(--font-mono)', flexShrink: '0' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--ui-primary)', fontWeight: '600' },
  '.cm-completionDetail': {
    fontFamily: 'var(--font-mono)',
    fontStyle: 'normal',
    marginLeft: '-4px',
    color: 'var(--ui-text-muted)',
    flexShrink: '0',
  },
  '.cm-completionSummary': {
    marginInlineStart: 'auto',
    paddingInlineStart: '12px',
    color: 'var(--ui-text-muted)',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
})

const colours = HighlightStyle.define([
  { tag: [tags.string, tags.attributeValue], color: 'var(--ui-success)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--ui-warning)' },
  { tag: [tags.propertyName, tags.attributeName, tags.definition(tags.variableName)], color: 'var(--ui-info)' },
  { tag: [tags.keyword, tags.tagName, tags.typeName], color: 'var(--ui-primary)' },
  { tag: [tags.comment, tags.meta, tags.angleBracket], color: 'var(--ui-text-muted)' },
])

export const appearance = [looks, syntaxHighlighting(colours)]
