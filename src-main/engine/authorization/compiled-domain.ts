import type { DomainSnapshot } from '../snapshot'

/** Domains ready to answer, by path. Made by `prepare`, taken by `swap`; opaque to everybody else. */
export type CompiledDomains = ReadonlyMap<string, CompiledDomain>

export interface CompiledDomain {
  readonly snapshot: DomainSnapshot
}

/** A domain that cannot work: which one, which field of its snapshot (JSON pointer), and what to do. */
export class DomainRefusal extends Error {
  constructor(
    readonly domainPath: string,
    readonly field: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message)
    this.name = 'DomainRefusal'
  }
}
