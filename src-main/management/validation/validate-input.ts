import { operations, type OperationInput, type OperationName } from '@shared/operations'
import { ProblemError } from '@shared/problem'
import { Compile, type Validator } from 'typebox/compile'
import { inputInvalid } from '../problems'
import { schemaErrors } from '@shared/schema-errors'

/** Compiled when first called: a start pays for no check that is never made. */
const validators = new Map<OperationName, Validator>()

/** The operation that a name from outside stands for; ProblemError OPERATION_UNKNOWN when there is none. */
export function operationName(name: string): OperationName {
  if (Object.hasOwn(operations, name)) return name as OperationName // the check is what makes it one
  throw new ProblemError({
    key: 'OPERATION_UNKNOWN',
    status: 404,
    title: `There is no operation called ${name.slice(0, 100)}`,
    remedy: 'GET /operations lists them; the window may be of another version: start Gatehouse anew.',
  })
}

/** The input as what the operation takes; ProblemError INPUT_INVALID with an error for each field that is not right. */
export function validateInput<N extends OperationName>(name: N, input: unknown): OperationInput<N> {
  const schema = operations[name].input
  let validator = validators.get(name)
  if (!validator) validators.set(name, (validator = Compile(schema)))
  if (validator.Check(input)) return input as OperationInput<N> // just checked by the operation's own schema
  const found = schemaErrors({ ...schema }, input, '').map(({ field, message, remedy }) => ({
    field,
    message,
    ...(remedy === undefined ? {} : { remedy }),
  }))
  if (found.length > 0) throw inputInvalid(found)
  // A keyword that the words do not know: better the library's words than none.
  throw inputInvalid(validator.Errors(input).map(({ instancePath, message }) => ({ field: instancePath, message })))
}
