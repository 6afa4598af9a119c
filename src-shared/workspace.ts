import { Type, type Static } from 'typebox'
import { Name } from './domain'
import { Sampling } from './sampling'

/** A TCP port a person may choose; 0 picks a free one at each start. */
export const Port = Type.Integer({ minimum: 0, maximum: 65535 })

/** Scheme, host and port, as a person writes it: https://login.example.com */
export const PublicAddress = Type.String({ pattern: '^https?://[^\\s/?#@]+$', maxLength: 300 })
/** Which servers speak HTTPS, with whose certificate, and who may vouch for other servers. Our own certificates and keys stand among the secrets. */
export const Tls = Type.Object({
  gateway: Type.Boolean(),
  authorization: Type.Boolean(),
  certificate: Type.Union([
    Type.Literal('local', {
      description: "By the workspace's own certificate authority, made and renewed by Gatehouse",
    }),
    Type.Literal('own', { description: 'One that a person has brought' }),
  ]),
  authorities: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'Certificates of authorities, PEM, that are trusted beside those that Node trusts where another server is called',
    }),
  ),
})
export type Tls = Static<typeof Tls>

/** What is kept of the requests that pass. */
export const TrafficSettings = Type.Object({
  recording: Type.Optional(
    Type.Boolean({ description: 'Whether requests are kept and listed; they are unless this says otherwise' }),
  ),
  limitMegabytes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: 'What they may take on disk; the oldest go first. 64 unless given',
    }),
  ),
  traceAll: Type.Optional(
    Type.Boolean({
      description:
        'Whether every request carries the way it took, which costs time and room; unless given, with a window it does and without one only those of the console',
    }),
  ),
  /** Where not every request is traced: of which ones it is. An API may have a sampling of its own. */
  sampling: Type.Optional(Sampling),
})
export type TrafficSettings = Static<typeof TrafficSettings>

/** The settings with what counts where nothing is set. */
export type EffectiveTrafficSettings = Required<Omit<TrafficSettings, 'sampling'>> & Pick<TrafficSettings, 'sampling'>

/** The settings as they count, and what there is. */
export const TrafficStatus = Type.Object({
  recording: Type.Boolean(),
  limitMegabytes: Type.Integer(),
  traceAll: Type.Boolean(),
  sampling: Type.Optional(Sampling),
  bytes: Type.Integer({ description: 'What the kept requests take on disk' }),
  leftOut: Type.Integer({
    description: 'Requests that came faster than the disk takes them, and are not kept, since the workspace was opened',
  }),
})
export type TrafficStatus = Static<typeof TrafficStatus>

/** `gatehouse.json`. */
export const WorkspaceDocument = Type.Object({
  id: Type.String(),
  formatVersion: Type.Integer({ minimum: 1 }),
  name: Name,
  host: Type.String({ description: 'Address that both servers listen on; 127.0.0.1 unless a person chose otherwise' }),
  gatewayPort: Port,
  authorizationPort: Port,
  publicAuthorizationAddress: Type.Optional(PublicAddress),
  tls: Type.Optional(Tls),
  traffic: Type.Optional(TrafficSettings),
  stoppedApis: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Ids of the APIs that are deployed, and that the gateway does not serve',
    }),
  ),
  createdAt: Type.String(),
})
export type WorkspaceDocument = Static<typeof WorkspaceDocument>

/** A file of the workspace that could not be taken as it is. It is left untouched. */
export const WorkspaceProblem = Type.Object({
  file: Type.String({ description: 'Path within the workspace' }),
  field: Type.Optional(Type.String({ description: 'JSON pointer, or line:column of a syntax error' })),
  message: Type.String(),
  remedy: Type.String(),
})
export type WorkspaceProblem = Static<typeof WorkspaceProblem>

/** How the workspace's secrets are kept. */
export const SecretsProtection = Type.Union([
  Type.Literal('keyring', { description: "The key is sealed by the system's keyring" }),
  Type.Literal('key-file', { description: 'The key stands in a file of mode 0600 outside the workspace' }),
  Type.Literal('environment', { description: 'The key comes from GATEHOUSE_KEY' }),
])
export type SecretsProtection = Static<typeof SecretsProtection>

export const Workspace = Type.Object({
  ...WorkspaceDocument.properties,
  folder: Type.String(),
  secretsProtection: SecretsProtection,
  secretsKeyFile: Type.Optional(Type.String()),
  caFile: Type.Optional(
    Type.String({
      description: 'The certificate that clients need to trust, where a server speaks HTTPS by the local authority',
    }),
  ),
  problems: Type.Array(WorkspaceProblem),
})
export type Workspace = Static<typeof Workspace>
