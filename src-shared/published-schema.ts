import type { JsonSchema } from './catalogue'
import { valueAt } from './json-pointer'

/**
 * A schema as Gravitee publishes them, in the vocabulary of catalogue.ts: references resolved, and what `gioConfig` and the older
 * `x-schema-form` say of a form told by our annotations. A schema that has none of these stays as it is.
 * Source: gravitee-ui-particles, `gio-form-json-schema`; gravitee-ui-components, `gv-schema-form`.
 */
export function readPublishedSchema(schema: JsonSchema): JsonSchema {
  return read(schema, schema, []) as JsonSchema
}

/** @param within the references that are being resolved, for one that leads to itself */
function read(node: unknown, root: JsonSchema, within: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((each) => read(each, root, within))
  if (!isObject(node)) return node
  if (typeof node.$ref === 'string') {
    const { $ref, ...beside } = node
    const target = $ref.startsWith('#/') && !within.includes($ref) ? valueAt(root, $ref.slice(1)) : undefined
    // What is defined elsewhere, or by itself, is a value of any form.
    return target === undefined
      ? read(beside, root, within)
      : read(merged(target as JsonSchema, beside), root, [...within, $ref])
  }
  const { definitions: _definitions, $defs: _defs, gioConfig, 'x-schema-form': hints, ...rest } = node
  const own = Object.fromEntries(
    Object.entries(rest).map(([name, member]) => [
      name,
      isSchemaPlace(name) ? readPlace(name, member, root, within) : member,
    ]),
  )
  return {
    ...own,
    ...(typeof own.description === 'string' ? { description: withoutMarkup(own.description) } : {}),
    ...ofHints(objectOf(hints), own),
    ...ofConfig(objectOf(gioConfig), own),
    ...ofFormat(own, objectOf(gioConfig), objectOf(hints)),
  }
}

const MAPS = ['properties', 'patternProperties', 'dependencies', 'dependentSchemas']
const SCHEMAS = ['items', 'additionalProperties', 'oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else']
const isSchemaPlace = (name: string) => MAPS.includes(name) || SCHEMAS.includes(name)

function readPlace(name: string, member: unknown, root: JsonSchema, within: readonly string[]): unknown {
  if (!MAPS.includes(name) || !isObject(member)) return read(member, root, within)
  return Object.fromEntries(Object.entries(member).map(([key, each]) => [key, read(each, root, within)]))
}

/** Beside a reference stand what it is called here, and members more. */
function merged(target: JsonSchema, beside: JsonSchema): JsonSchema {
  const properties = { ...objectOf(target.properties), ...objectOf(beside.properties) }
  return { ...target, ...beside, ...(Object.keys(properties).length === 0 ? {} : { properties }) }
}

/** What today's forms are told. */
function ofConfig(config: JsonSchema, schema: JsonSchema): JsonSchema {
  const { uiType, uiTypeProps, displayIf, disableIf, banner, enumLabelMap, el, uniqueItemProperties } = config
  const { resourceType } = objectOf(uiTypeProps)
  return {
    ...(isObject(displayIf) ? { 'x-condition': conditionOf(displayIf) } : {}),
    ...(isObject(disableIf) ? { 'x-disabled-when': conditionOf(disableIf) } : {}),
    ...(isObject(banner) ? { 'x-note': noteOf(banner) } : {}),
    ...(isObject(enumLabelMap) ? { 'x-enum-labels': enumLabelMap } : {}),
    ...(el === true && schema.type === 'string' ? { 'x-expression': true } : {}),
    ...(Array.isArray(uniqueItemProperties) ? { 'x-unique': uniqueItemProperties } : {}),
    ...(uiType === 'resource-type' ? { 'x-resource': `^${String(resourceType ?? '')}` } : {}),
  }
}

/** What forms were told before. */
function ofHints(hints: JsonSchema, schema: JsonSchema): JsonSchema {
  const { hidden, disabled, event, titleMap, placeholder } = hints
  const { name, regexTypes } = objectOf(event)
  return {
    ...(Array.isArray(hidden) ? { 'x-condition': shownUnless(hidden) } : {}),
    ...(hidden === true ? { 'x-condition': [] } : {}),
    ...(disabled === true ? { readOnly: true } : {}),
    ...(isObject(titleMap) ? { 'x-enum-labels': titleMap } : {}),
    ...(hints['expression-language'] === true ? { 'x-expression': true } : {}),
    ...(name === 'fetch-resources' ? { 'x-resource': String(regexTypes ?? '') } : {}),
    ...(typeof placeholder === 'string' && schema.examples === undefined ? { examples: [placeholder] } : {}),
    ...(hints.type === 'password' ? { writeOnly: true } : {}),
  }
}

/** How a text is typed: in an editor for code, on several lines, or masked. */
function ofFormat(schema: JsonSchema, config: JsonSchema, hints: JsonSchema): JsonSchema {
  if (schema.type !== 'string') return {}
  const words = objectOf(schema.validationMessage)['202']
  const language = objectOf(config.monacoEditorConfig).language ?? languageOf(objectOf(hints.codemirrorOptions).mode)
  const isCode = schema.format === 'gio-code-editor' || hints.type === 'codemirror'
  return {
    ...(schema.format === 'password' || schema.widget === 'password' ? { writeOnly: true } : {}),
    ...(isCode ? { format: 'text', 'x-language': String(language ?? 'text') } : {}),
    ...(typeof words === 'string' ? { 'x-pattern-words': [`is not right: ${words}`, 'Correct it.'] } : {}),
  }
}

function languageOf(mode: unknown): unknown {
  const name = isObject(mode) ? mode.name : mode
  return typeof name === 'string' ? name.replace(/^(application|text)\/(x-)?/, '') : undefined
}

/** `{ $eq: { "value.ssl.type": "PEM" } }` → `{ "/ssl/type": "PEM" }`: all of them. */
function conditionOf(config: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(objectOf(config.$eq)).map(([path, values]) => [placeOf(path), values]))
}

/**
 * The older forms hide what all of these hold for, each when one of its values is found; shown is then what keeps to one of the
 * alternatives here. An operator that they do not have hides nothing.
 */
function shownUnless(hidden: readonly unknown[]): JsonSchema[] {
  return hidden.flatMap((operation): JsonSchema[] => {
    const { $eq, $neq } = objectOf(operation)
    if (isObject($eq))
      return [Object.fromEntries(Object.entries($eq).map(([path, values]) => [placeOf(path), { not: values }]))]
    if (isObject($neq)) return Object.entries($neq).map(([path, values]) => ({ [placeOf(path)]: values }))
    return [{}]
  })
}

/** A path from the value is a pointer from the configuration's root; `context.…` is what the form knows; `./…` a sibling. */
function placeOf(path: string): string {
  if (path.startsWith('./')) return path.slice(2)
  if (path.startsWith('context.')) return `@${path.slice('context.'.length)}`
  return `/${path
    .replace(/^value\./, '')
    .split('.')
    .join('/')}`
}

function noteOf({ title, text }: JsonSchema): string {
  const words = withoutMarkup(String(text ?? ''))
  return typeof title === 'string' ? `${title.replace(/\.$/, '')}: ${words}` : words
}

/** Texts may hold HTML; their words are told as they are. */
function withoutMarkup(text: string): string {
  return text
    .replaceAll(/<\/(li|p|ul)>|<br\s*\/?>/gi, ' ')
    .replaceAll(/<\/?(a|b|br|code|em|i|li|ol|p|strong|u|ul)(\s[^>]*)?\/?>/gi, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

const objectOf = (value: unknown): JsonSchema => (isObject(value) ? value : {})
const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
