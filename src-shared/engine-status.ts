import { Type, type Static } from 'typebox'

/** One of the engine's two listening servers. */
export const ListenerStatus = Type.Union([
  Type.Object({ state: Type.Literal('starting'), host: Type.String(), port: Type.Integer() }),
  Type.Object({
    state: Type.Literal('listening'),
    host: Type.String(),
    port: Type.Integer(),
    address: Type.String({ description: 'http://127.0.0.1:8082, or https://…' }),
    certificate: Type.Optional(
      Type.String({
        description: 'SHA-256 fingerprint of the certificate it serves, in hexadecimal with colons; HTTPS only',
      }),
    ),
  }),
  Type.Object({
    state: Type.Literal('port-taken'),
    host: Type.String(),
    port: Type.Integer(),
    sentence: Type.String({ description: 'e.g. Port 8082 of 127.0.0.1 is in use by node (process 4711)' }),
    offeredPort: Type.Integer({ description: 'The next free port' }),
  }),
  Type.Object({ state: Type.Literal('failed'), host: Type.String(), port: Type.Integer(), sentence: Type.String() }),
])
export type ListenerStatus = Static<typeof ListenerStatus>

export const EngineStatus = Type.Object({
  state: Type.Union([
    Type.Literal('starting'),
    Type.Literal('running'),
    Type.Literal('restarting'),
    Type.Literal('stopped'),
  ]),
  gateway: ListenerStatus,
  authorization: ListenerStatus,
  startedAt: Type.Optional(Type.Integer()),
  restarts: Type.Integer({ description: 'How often the engine crashed and was started again since the app started' }),
  lastCrash: Type.Optional(Type.Object({ at: Type.Integer(), reason: Type.String() })),
})
export type EngineStatus = Static<typeof EngineStatus>
