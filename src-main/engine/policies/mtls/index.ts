import { createHash, type X509Certificate } from 'node:crypto'
import { Type } from 'typebox'
import type { Exchange } from '../../gateway/exchange'
import { PINNED_CERTIFICATE } from '../../gateway/plans/pinned-certificate'
import { openPlace } from '../open-place'
import { definePolicy, type Failure, type FailureDeclaration } from '../policy'
import guide from './guide.md?raw'

const errors = {
  SSL_SESSION_REQUIRED: { status: 401, meaning: 'The call came over plain HTTP' },
  CLIENT_CERTIFICATE_MISSING: { status: 401, meaning: 'The client has shown no certificate' },
  CLIENT_CERTIFICATE_INVALID: {
    status: 401,
    meaning: 'The certificate is not good at this time or, outside of a plan, not from an authority that is trusted',
  },
} satisfies Record<string, FailureDeclaration>

export const mtls = definePolicy({
  id: 'mtls',
  name: 'Mutual TLS',
  summary: 'Lets in only clients with a certificate',
  category: 'security',
  icon: 'i-lucide-badge-check',
  phases: ['request'],
  configuration: Type.Object({}),
  guide,
  errors,
  planWants: 'the certificate of a client',

  create(_settings, { place }) {
    const fail = (key: keyof typeof errors, sentence: string, evidence: Failure['evidence'] = []): Failure => ({
      key,
      status: errors[key].status,
      message: 'Unauthorized',
      sentence,
      evidence,
      remedies: [openPlace(place, 'Open the mutual TLS policy')],
    })

    return {
      request(exchange) {
        const { scheme, clientCertificate: certificate, trustsClientCertificate } = exchange.request
        if (scheme === 'http')
          return fail(
            'SSL_SESSION_REQUIRED',
            'The gateway was called over plain HTTP, where nobody shows a certificate',
          )
        if (certificate === undefined) return fail('CLIENT_CERTIFICATE_MISSING', 'The client has shown no certificate')
        const { timestamp } = exchange.request
        const evidence = [
          { label: 'Certificate', value: thumbprintOf(certificate) },
          { label: 'Subject', value: certificate.subject.replaceAll('\n', ', ').slice(0, 256) },
        ]
        if (timestamp < Date.parse(certificate.validFrom) || timestamp >= Date.parse(certificate.validTo))
          return fail('CLIENT_CERTIFICATE_INVALID', 'The certificate of the client is not good at this time', [
            ...evidence,
            { label: 'From', value: certificate.validFrom },
            { label: 'To', value: certificate.validTo },
          ])
        // In a plan a subscription names this very certificate, whoever issued it.
        if (place.plan === undefined && trustsClientCertificate !== true && !isPinned(exchange, certificate))
          return fail(
            'CLIENT_CERTIFICATE_INVALID',
            'The certificate of the client is from nobody whom this machine trusts, and no subscription names it',
            evidence,
          )
        exchange.trace?.passed('The client has proved that the certificate is its own', evidence)
        return undefined
      },
      credential(exchange) {
        const certificate = exchange.request.clientCertificate
        if (certificate === undefined) return undefined
        return { kind: 'certificate', thumbprint: thumbprintOf(certificate) }
      },
    }
  },
})

const isPinned = ({ attributes }: Exchange, certificate: X509Certificate) =>
  attributes.get(PINNED_CERTIFICATE) === thumbprintOf(certificate)

const thumbprintOf = (certificate: X509Certificate) => createHash('sha256').update(certificate.raw).digest('base64url')
