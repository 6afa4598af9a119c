import type { Certificates } from '@shared/certificates'
import { ProblemError } from '@shared/problem'
import type { Tls, WorkspaceDocument } from '@shared/workspace'
import { readAuthorities } from '../certificates/authority-certificates'
import { certificateFacts } from '../certificates/facts'
import { readOwnCredentials } from '../certificates/own-certificate'
import { joinCredentials, splitCredentials, type Credentials } from '../certificates/pem'
import { AUTHORITY, credentialsIn, LOCAL, OWN } from './certificates/credentials'
import { readableAuthorities } from './certificates/trusted'
import { authorityFile, keepCertificates, newAuthority, writeAuthority } from './certificates/keep'
import type { Context, HandlersOf } from './context'
import { fieldInvalid, inputInvalid } from './problems'
import { withSecrets } from './running/workspace-view'

/** The certificates of HTTPS: the local authority with what it issues, or what a person brings. */
export function certificateHandlers(context: Context): HandlersOf<'certificates'> {
  const { store, running, exclusive, clock } = context

  /** Runs with other credentials and another choice, then has both saved: the secrets before the document that counts on them. */
  async function change(document: WorkspaceDocument, secrets: Readonly<Record<string, string>>): Promise<void> {
    await running.change({
      view: (saved) => withSecrets({ ...saved, document }, secrets),
      async save() {
        if (Object.keys(secrets).length > 0) await store.secrets.set(secrets)
        if (document !== store.document()) await store.saveDocument(document)
      },
    })
  }
  const withChoice = (certificate: 'local' | 'own'): WorkspaceDocument => {
    const document = store.document()
    if ((document.tls?.certificate ?? 'local') === certificate) return document
    return { ...document, tls: { ...httpOnly, ...document.tls, certificate } }
  }
  const withAuthorities = (next: (before: readonly string[]) => string[]): WorkspaceDocument => {
    const document = store.document()
    const { authorities: before = [], ...tls } = document.tls ?? httpOnly
    const authorities = next(before)
    return { ...document, tls: { ...tls, ...(authorities.length === 0 ? {} : { authorities }) } }
  }

  return {
    'certificates.get': async () => certificatesOf(context),

    'certificates.useOwn': ({ certificate, key }) =>
      exclusive(async () => {
        const read = readOwnCredentials(certificate, key, clock.now())
        if (Array.isArray(read)) throw inputInvalid(read)
        await change(withChoice('own'), { [OWN]: joinCredentials(read) })
        return certificatesOf(context)
      }),

    'certificates.useLocal': () =>
      exclusive(async () => {
        const document = withChoice('local')
        await keepCertificates(store, document, running.hosts(), clock.now())
        await change(document, {})
        await store.secrets.remove([OWN])
        return certificatesOf(context)
      }),

    'certificates.newAuthority': () =>
      exclusive(async () => {
        const secrets = await newAuthority(store.document(), running.hosts(), clock.now())
        await change(store.document(), secrets)
        await writeAuthority(store, splitCredentials(secrets[AUTHORITY]!)!) // made just now
        return certificatesOf(context)
      }),

    'certificates.trust': ({ certificate }) =>
      exclusive(async () => {
        const read = readAuthorities(certificate, clock.now())
        if (!Array.isArray(read)) throw inputInvalid([{ field: '/certificate', ...read }])
        const known = readableAuthorities(store.document()).map(fingerprintOf)
        const further = read.filter((pem) => !known.includes(fingerprintOf(pem)))
        if (further.length === 0)
          throw fieldInvalid('/certificate', 'This authority is trusted already', 'Look for it in the list.')
        await change(
          withAuthorities((before) => [...before, ...further]),
          {},
        )
        return certificatesOf(context)
      }),

    'certificates.distrust': ({ fingerprint }) =>
      exclusive(async () => {
        const gone = readableAuthorities(store.document()).find((pem) => fingerprintOf(pem) === fingerprint)
        if (gone === undefined) throw authorityNotFound(fingerprint)
        await change(
          withAuthorities((before) => before.filter((pem) => pem !== gone)),
          {},
        )
        return certificatesOf(context)
      }),
  }
}

/** Nobody has asked for HTTPS. */
export const httpOnly: Tls = { gateway: false, authorization: false, certificate: 'local' }

function certificatesOf({ store }: Context): Certificates {
  const facts = (credentials: Credentials | undefined) => credentials && certificateFacts(credentials.certificate)
  const authority = credentialsIn(store.secrets, AUTHORITY)
  const local = facts(credentialsIn(store.secrets, LOCAL))
  const own = facts(credentialsIn(store.secrets, OWN))
  return {
    ...(authority === undefined
      ? {}
      : {
          authority: {
            ...certificateFacts(authority.certificate),
            pem: authority.certificate,
            file: authorityFile(store),
          },
        }),
    ...(local === undefined ? {} : { local }),
    ...(own === undefined ? {} : { own }),
    trusted: readableAuthorities(store.document()).map((pem) => ({ ...certificateFacts(pem), pem })),
  }
}

const fingerprintOf = (pem: string) => certificateFacts(pem).fingerprint

function authorityNotFound(fingerprint: string) {
  return new ProblemError({
    key: 'AUTHORITY_NOT_FOUND',
    status: 404,
    title: `There is no trusted authority with the fingerprint ${fingerprint}`,
    remedy: 'It may have been removed meanwhile: look at the list again.',
  })
}
