import { Type } from 'typebox'
import { DictionaryDetails, dictionaryFields, DictionaryKey } from '../dictionary'
import { Empty, id, input, type OperationList } from './parts'

/** Dictionaries, which expressions of all APIs read. */
export const dictionaryOperations = {
  'dictionaries.list': {
    summary: 'Every dictionary: values that expressions of all APIs can read',
    input: Empty,
    output: Type.Array(DictionaryDetails),
  },
  'dictionaries.get': {
    summary: 'One dictionary',
    input: input({ dictionaryId: id('dictionary') }),
    output: DictionaryDetails,
  },
  'dictionaries.create': {
    summary: 'A new dictionary; it takes effect at once. With a provider its entries are asked for again and again',
    input: input({
      name: dictionaryFields.name,
      key: Type.Optional(DictionaryKey),
      description: Type.Optional(dictionaryFields.description),
      properties: Type.Optional(dictionaryFields.properties),
      provider: Type.Optional(dictionaryFields.provider),
      trigger: Type.Optional(dictionaryFields.trigger),
    }),
    output: DictionaryDetails,
  },
  'dictionaries.update': {
    summary: 'Change a dictionary; it takes effect at once, without a deployment. Its key stays',
    input: input({
      dictionaryId: id('dictionary'),
      name: Type.Optional(dictionaryFields.name),
      description: Type.Optional(dictionaryFields.description),
      properties: Type.Optional(dictionaryFields.properties),
      provider: Type.Optional(dictionaryFields.provider),
      trigger: Type.Optional(dictionaryFields.trigger),
      state: Type.Optional(dictionaryFields.state),
    }),
    output: DictionaryDetails,
  },
  'dictionaries.poll': {
    summary: 'Ask for the entries of a dictionary with a provider now, also while it is stopped',
    input: input({ dictionaryId: id('dictionary') }),
    output: DictionaryDetails,
  },
  'dictionaries.delete': {
    summary: 'Delete a dictionary; its name confirms it where APIs read it',
    input: input({ dictionaryId: id('dictionary'), confirmName: Type.Optional(Type.String()) }),
    output: Empty,
  },
} as const satisfies OperationList
