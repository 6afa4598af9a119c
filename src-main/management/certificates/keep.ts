import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'
import { namesOf } from '../../certificates/facts'
import { joinCredentials, type Credentials } from '../../certificates/pem'
import { writeDurably } from '../../workspace/files/durable-file'
import { SECRETS_FILE } from '../../workspace/layout'
import type { Store } from '../../workspace/store'
import { conflict } from '../problems'
import { AUTHORITY, credentialsIn, LOCAL, OWN, servedCertificate } from './credentials'
import { namesFor } from './names'

const DAY_MS = 86_400_000
/** The authority's certificate is renewed in its last year, so that clients have a year to trust the new one. */
const RENEW_AUTHORITY_DAYS = 365
/** A server's is renewed when a third of its 90 days is left. */
const RENEW_SERVER_DAYS = 30
/** How long before its end a person is told that their own has to be replaced. */
const WARN_DAYS = 14

/** The authority's certificate, for people and clients. It is no secret and may be committed. */
export const AUTHORITY_FILE = 'gatehouse-ca.pem'

export const authorityFile = ({ folder }: Pick<Store, 'folder'>) => join(folder, AUTHORITY_FILE)

/** Where the certificate stands that clients have to trust; undefined when they need none of ours. */
export function caFileOf(store: Store): string | undefined {
  return servedCertificate(store.document()) === 'local' ? authorityFile(store) : undefined
}

/**
 * Makes what HTTPS with the local authority needs and is not there, and renews what is about to expire. Answers whether
 * anything is different now. Rejects with ProblemError when the secrets are locked, or the authority's key cannot be opened.
 *
 * @param hosts that the servers listen on, or are about to
 */
export async function keepCertificates(
  store: Store,
  document: WorkspaceDocument,
  hosts: readonly string[],
  now: number,
): Promise<boolean> {
  if (servedCertificate(document) !== 'local') return false
  const names = namesFor(hosts)
  const before = credentialsIn(store.secrets, AUTHORITY)
  if (before === undefined && store.secrets.has(AUTHORITY)) throw authorityLocked()
  const authority = before !== undefined && daysLeft(before, now) > RENEW_AUTHORITY_DAYS ? before : undefined
  const local = credentialsIn(store.secrets, LOCAL)
  const isGood = authority !== undefined && local !== undefined && isGoodFor(local, authority, names, now)
  if (isGood) {
    await writeAuthority(store, authority)
    return false
  }
  // Loaded when it is needed: a workspace without HTTPS never does.
  const { issueServerCertificate, makeAuthority, renewAuthority } = await import('../../certificates/issue')
  const issuer =
    authority ?? (before === undefined ? await makeAuthority(document.name, now) : await renewAuthority(before, now))
  const issued = await issueServerCertificate(issuer, names, now)
  await store.secrets.set({ [AUTHORITY]: joinCredentials(issuer), [LOCAL]: joinCredentials(issued) })
  await writeAuthority(store, issuer)
  return true
}

/** An authority and a certificate by it, ready to be sealed in the place of those that are there. */
export async function newAuthority(
  document: WorkspaceDocument,
  hosts: readonly string[],
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const { issueServerCertificate, makeAuthority } = await import('../../certificates/issue')
  const authority = await makeAuthority(document.name, now)
  const issued = await issueServerCertificate(authority, namesFor(hosts), now)
  return { [AUTHORITY]: joinCredentials(authority), [LOCAL]: joinCredentials(issued) }
}

/** Puts the authority's certificate where curl and others are pointed at, unless it stands there. */
export async function writeAuthority(store: Store, { certificate }: Credentials): Promise<void> {
  const file = authorityFile(store)
  const there = await readFile(file, 'utf8').catch(() => undefined)
  if (there !== certificate) await writeDurably(file, certificate)
}

/** What a person has to do about the certificate that is served. */
export function certificateProblems(store: Store, now: number): WorkspaceProblem[] {
  const served = servedCertificate(store.document())
  if (served === undefined) return []
  const id = served === 'own' ? OWN : LOCAL
  const credentials = credentialsIn(store.secrets, id)
  const days = credentials === undefined ? undefined : daysLeft(credentials, now)
  if (days === undefined || days > WARN_DAYS) return []
  const day = new Date(now + days * DAY_MS).toISOString().slice(0, 10)
  const field = `/values/${id.replace('/', '~1')}`
  const message =
    days > 0 ? `The certificate for HTTPS expires on ${day}` : `The certificate for HTTPS has expired, on ${day}`
  const remedy =
    id === OWN ? 'Give a renewed one in Settings.' : 'It is renewed as soon as secrets can be sealed again.'
  return [{ file: SECRETS_FILE, field, message, remedy }]
}

function isGoodFor(
  { certificate }: Credentials,
  authority: Credentials,
  names: readonly string[],
  now: number,
): boolean {
  const server = new X509Certificate(certificate)
  const issuer = new X509Certificate(authority.certificate)
  const covered = namesOf(server)
  return (
    server.checkIssued(issuer) &&
    server.verify(issuer.publicKey) &&
    daysLeft({ certificate }, now) > RENEW_SERVER_DAYS &&
    names.every((name) => covered.includes(name))
  )
}

function daysLeft({ certificate }: Pick<Credentials, 'certificate'>, now: number): number {
  return (Date.parse(new X509Certificate(certificate).validTo) - now) / DAY_MS
}

function authorityLocked() {
  return conflict(
    'CERTIFICATE_AUTHORITY_LOCKED',
    'The key of the certificate authority cannot be opened on this machine',
    'Bring the key of the workspace, or make a new certificate authority in Settings.',
  )
}
