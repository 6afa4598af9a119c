/** Codes of gRPC by the statuses of HTTP, as gRPC's own clients read those of a proxy that knows nothing of gRPC. */
const CODES: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
}
const UNKNOWN = 2

/** Whether a client speaks gRPC: it reads the fields of an answer, and no body that is not of its kind. */
export const speaksGrpc = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/grpc(?:[+;]|$)/i.test(contentType)

/** What tells a client of gRPC of a failure, with its words. */
export function grpcFailure(status: number, message: string): Record<string, string> {
  return {
    'Content-Type': 'application/grpc',
    'grpc-status': String(CODES[status] ?? UNKNOWN),
    'grpc-message': encodeURIComponent(message).replaceAll('%20', ' '),
  }
}
