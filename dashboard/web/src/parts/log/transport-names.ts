/** What people call the transports of the log. */
export const TRANSPORT_NAMES = { http: 'HTTP', grpc: 'gRPC', connect: 'Connect' } as const;
