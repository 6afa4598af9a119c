import type { Domain, DomainOverview } from '@shared/domain'
import type { SigningKey } from '@shared/signing-key'
import type { Context, HandlersOf } from './context'
import { saveDomain } from './domains'
import { exportPrivate, exportPublic } from './keys/export-key'
import { importedKey } from './keys/import-key'
import { keySecretId, newSigningKey } from './keys/new-signing-key'
import { retired, rotateDueKeys, rotateKey, type ChangedKeys } from './keys/rotate-key'
import { domainOf } from './lookup'
import { conflict, fieldInvalid, notFound } from './problems'

/** The signing keys of a domain. What is saved runs at once; their private parts leave only by `keys.exportPrivate`. */
export function keyHandlers(context: Context): HandlersOf<'keys'> {
  const { store, exclusive, clock } = context
  const saveChanged = (domainId: string, change: (domain: Domain) => ChangedKeys | Promise<ChangedKeys>) =>
    exclusive(async () => saveKeys(context, await change(domainOf(store, domainId))))
  const sealedOf = ({ id }: SigningKey) => store.secrets.get(keySecretId(id))

  return {
    'keys.add': ({ domainId, algorithm, modulusBits, makeDefault = false }) =>
      saveChanged(domainId, async (domain) => {
        const other = activeFor(domain, algorithm)
        if (other)
          throw conflict(
            'KEY_ALGORITHM_ACTIVE',
            `${other.kid} is the active key for ${algorithm} already`,
            'Rotate that key to have a new one in its place, or retire it first.',
            { field: '/algorithm' },
          )
        const taken = domain.keys.map(({ kid }) => kid)
        const made = await newSigningKey(algorithm, { taken, modulusBits, now: clock.now() })
        return withKeys(domain, placed(domain.keys, made.key, makeDefault), { [made.secretId]: made.secret })
      }),

    'keys.makeDefault': ({ domainId, keyId }) =>
      saveChanged(domainId, (domain) => {
        const key = keyOf(domain, keyId)
        requireActive(key)
        return withKeys(domain, [key, ...without(domain.keys, key)])
      }),

    'keys.rotate': ({ domainId, keyId, overlapSeconds }) =>
      saveChanged(domainId, (domain) => {
        const key = keyOf(domain, keyId)
        requireActive(key)
        return rotateKey(domain, key, clock, overlapSeconds)
      }),

    'keys.retire': ({ domainId, keyId, overlapSeconds }) =>
      saveChanged(domainId, (domain) => {
        const key = keyOf(domain, keyId)
        if (key.status === 'active') requireNeedless(domain, key)
        const ending = retired(key, domain, clock.now(), overlapSeconds)
        return withKeys(
          domain,
          domain.keys.map((each) => (each.id === keyId ? ending : each)),
        )
      }),

    'keys.remove': ({ domainId, keyId }) =>
      saveChanged(domainId, (domain) => {
        const key = keyOf(domain, keyId)
        if (key.status === 'active')
          throw conflict(
            'KEY_ACTIVE',
            `${key.kid} signs tokens of ${domain.name} and cannot be removed`,
            'Rotate or retire it first; a retired key can be removed.',
          )
        return { ...withKeys(domain, without(domain.keys, key)), dropped: [keySecretId(keyId)] }
      }),

    'keys.setRotation': ({ domainId, keyRotation }) =>
      saveChanged(domainId, async ({ keyRotation: _before, ...domain }) => {
        const changed: Domain = { ...domain, ...(keyRotation === undefined ? {} : { keyRotation }) }
        return (await rotateDueKeys(changed, clock)) ?? withKeys(changed, changed.keys)
      }),

    'keys.import': ({ domainId, status = 'active', overlapSeconds, ...given }) =>
      saveChanged(domainId, async (domain) => {
        const { key, secret } = await importedKey(given, clock.now())
        if (domain.keys.some(({ kid }) => kid === key.kid))
          throw conflict(
            'KEY_ID_TAKEN',
            `The domain ${domain.name} has a key called ${key.kid} already`,
            'Give the key another kid, or remove the other key first.',
            { field: '/kid' },
          )
        const secrets = { [keySecretId(key.id)]: secret }
        if (status === 'retired') {
          const verifying: SigningKey = { ...key, status }
          const ending = overlapSeconds === undefined ? verifying : retired(key, domain, clock.now(), overlapSeconds)
          return withKeys(domain, [...domain.keys, ending], secrets)
        }
        const other = activeFor(domain, key.algorithm)
        if (!other) return withKeys(domain, placed(domain.keys, key, false), secrets)
        const before = retired(other, domain, clock.now(), overlapSeconds)
        return withKeys(
          domain,
          domain.keys.flatMap((each) => (each.id === other.id ? [key, before] : [each])),
          secrets,
        )
      }),

    'keys.export': async ({ domainId, keyId, format }) => {
      const key = keyOf(domainOf(store, domainId), keyId)
      return exportPublic(key, sealedOf(key), format)
    },

    'keys.exportPrivate': async ({ domainId, keyId, format, confirmKid }) => {
      const key = keyOf(domainOf(store, domainId), keyId)
      if (confirmKid.trim() !== key.kid)
        throw fieldInvalid(
          '/confirmKid',
          `The kid does not match: the key is called ${key.kid}`,
          `Type ${key.kid} to confirm that its private part is to be given out.`,
        )
      return exportPrivate(key, sealedOf(key), format)
    },
  }
}

/** Runs and saves the domain with its changed keys. Within `exclusive`. */
export async function saveKeys(context: Context, { domain, secrets, dropped }: ChangedKeys): Promise<DomainOverview> {
  const saved = await saveDomain(context, domain, secrets)
  await context.store.secrets.remove(dropped)
  return saved
}

function withKeys(domain: Domain, keys: SigningKey[], secrets: ChangedKeys['secrets'] = {}): ChangedKeys {
  return { domain: { ...domain, keys }, secrets, dropped: [] }
}

/** The list with a new active key: first when it is the default, else behind the other active ones. */
function placed(keys: readonly SigningKey[], key: SigningKey, first: boolean): SigningKey[] {
  if (first) return [key, ...keys]
  const at = keys.findLastIndex(({ status }) => status === 'active') + 1
  return keys.toSpliced(at, 0, key)
}

const without = (keys: readonly SigningKey[], key: SigningKey) => keys.filter(({ id }) => id !== key.id)

function activeFor({ keys }: Domain, algorithm: SigningKey['algorithm']): SigningKey | undefined {
  return keys.find((key) => key.status === 'active' && key.algorithm === algorithm)
}

function keyOf({ keys }: Domain, keyId: string): SigningKey {
  const key = keys.find(({ id }) => id === keyId)
  if (!key) throw notFound('key', keyId)
  return key
}

function requireActive({ kid, status }: SigningKey): void {
  if (status === 'active') return
  throw conflict('KEY_RETIRED', `${kid} is retired and signs nothing`, 'Choose an active key, or add one.')
}

/** A domain signs with something, and with what its applications are set to. */
function requireNeedless(domain: Domain, key: SigningKey): void {
  const others = without(domain.keys, key).filter(({ status }) => status === 'active')
  if (others.length === 0)
    throw conflict(
      'KEY_LAST_ACTIVE',
      `${key.kid} is the only key that signs tokens of ${domain.name}`,
      'Rotate it, or add another key first.',
    )
  const user = domain.applications.find(({ signingAlgorithm, userinfoSignedResponseAlg }) =>
    [signingAlgorithm, userinfoSignedResponseAlg].includes(key.algorithm),
  )
  if (user && !others.some(({ algorithm }) => algorithm === key.algorithm))
    throw conflict(
      'KEY_ALGORITHM_USED',
      `Application ${user.name} is set to ${key.algorithm}, which only ${key.kid} signs`,
      `Rotate the key, or choose another algorithm for ${user.name} first.`,
    )
}
