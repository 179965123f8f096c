/** The transport of votes: HTTP, gRPC or Connect (with gRPC-Web). Stream entries store it as `path`. */
export { Path as Transport } from '../../proto/gen/votewire/v1/vote_pb.ts';
