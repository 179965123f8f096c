use tonic_build::manual::{Builder, Method, Service};

/// The one method of the service, described by hand so that the build needs no protoc.
fn main() {
    let cast_vote = Method::builder()
        .name("cast_vote")
        .route_name("CastVote")
        .input_type("crate::CastVoteRequest")
        .output_type("crate::CastVoteResponse")
        .codec_path("tonic_prost::ProstCodec")
        .build();
    let service = Service::builder()
        .name("VoteService")
        .package("votewire.v1")
        .method(cast_vote)
        .build();
    Builder::new().build_client(false).compile(&[service]);
}
