/** Why a store cannot be used, to be read after its name and a colon, and what to do. */
export class StoreFault extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message)
    this.name = 'StoreFault'
  }
}
