import type { ServerOptions } from 'node:http'
import type { ServerOptions as Http2ServerOptions } from 'node:http2'
import { asksForWebSocket } from './endpoints/upgrade'

/** What `http.createServer` of the gateway is to be given; times in milliseconds, sizes in bytes. */
export const GATEWAY_SERVER_OPTIONS: ServerOptions & {
  readonly optimizeEmptyRequests: boolean
  readonly ALPNProtocols: string[]
} = {
  // Bearer tokens with many claims travel in headers; node's default of 16 KiB is tight for two of them.
  maxHeaderSize: 32 * 1024,
  headersTimeout: 20_000,
  // A body may be streamed for as long as it moves: the upstream's time-outs bound it.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  // Lenient parsing is what request smuggling lives on (RFC 9112 §11.2).
  insecureHTTPParser: false,
  requireHostHeader: true,
  noDelay: true,
  // Since Node 24.9; an older one hands over every upgrade, and those for something else are answered as if they asked for none.
  shouldUpgradeCallback: asksForWebSocket,
  // A request without a body is no stream to end (since Node 24.12, of which its types do not know yet).
  optimizeEmptyRequests: true,
  // What a client of TLS may choose from.
  ALPNProtocols: ['h2', 'http/1.1'],
}

/** The same for HTTP/2, whose connections carry many requests at once; what floods one is bounded (CVE-2023-44487, CVE-2024-27983). */
export const GATEWAY_HTTP2_OPTIONS: Http2ServerOptions & {
  readonly maxSessionInvalidFrames: number
  readonly maxSessionRejectedStreams: number
} = {
  settings: {
    maxConcurrentStreams: 128,
    maxHeaderListSize: 32 * 1024,
    // RFC 8441 is not served: a WebSocket is asked for over HTTP/1.1.
    enableConnectProtocol: false,
    enablePush: false,
  },
  // Fields of one request, about as many as node takes of one of HTTP/1.1.
  maxHeaderListPairs: 1000,
  // Megabytes of one connection, buffers included: beyond it further streams are refused.
  maxSessionMemory: 32,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
}
