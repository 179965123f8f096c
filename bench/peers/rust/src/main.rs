//! A peer for the bench: what a Rust team would write instead of the edge. It speaks the same two protocols as the edge
//! (POST /v1/votes with JSON on axum, and votewire.v1.VoteService/CastVote on tonic), checks that a vote has its three
//! fields, writes it with one XADD and answers with the entry's id as the receipt. It has no contests, batches or
//! group commit and counts nothing, so it does less than the edge.
//!
//! REDIS_ADDR, HTTP_ADDR and GRPC_ADDR are its addresses.

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use redis::aio::MultiplexedConnection;
use tonic::{Request, Response, Status, transport::Server};

mod service {
    include!(concat!(env!("OUT_DIR"), "/votewire.v1.VoteService.rs"));
}
use service::vote_service_server::{VoteService, VoteServiceServer};

#[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
pub struct Vote {
    #[prost(string, tag = "1")]
    contest: String,
    #[prost(string, tag = "2")]
    choice: String,
    #[prost(string, tag = "3")]
    voter: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct CastVoteRequest {
    #[prost(message, optional, tag = "1")]
    vote: Option<Vote>,
}

#[derive(Clone, PartialEq, prost::Message, serde::Serialize)]
pub struct CastVoteResponse {
    #[prost(string, tag = "1")]
    receipt: String,
    #[prost(int32, tag = "2")]
    #[serde(skip)]
    status: i32,
}

/// Concurrent votes share the connection: their commands are pipelined.
#[derive(Clone)]
struct Peer {
    redis: MultiplexedConnection,
}

impl Peer {
    async fn store(&self, vote: &Vote) -> Result<CastVoteResponse, String> {
        if vote.contest.is_empty() || vote.choice.is_empty() || vote.voter.is_empty() {
            return Err("contest, choice and voter are required".into());
        }
        let mut redis = self.redis.clone();
        let receipt = redis::cmd("XADD")
            .arg("peer:votes")
            .arg(&["MAXLEN", "~", "100000", "*"])
            .arg(&["contest", &vote.contest, "choice", &vote.choice, "voter", &vote.voter])
            .query_async::<String>(&mut redis)
            .await
            .map_err(|error| error.to_string())?;
        Ok(CastVoteResponse { receipt, status: 1 })
    }
}

#[tonic::async_trait]
impl VoteService for Peer {
    async fn cast_vote(&self, request: Request<CastVoteRequest>) -> Result<Response<CastVoteResponse>, Status> {
        let vote = request.into_inner().vote.unwrap_or_default();
        self.store(&vote).await.map(Response::new).map_err(Status::invalid_argument)
    }
}

async fn cast_vote(
    State(peer): State<Peer>,
    Json(vote): Json<Vote>,
) -> Result<(StatusCode, Json<CastVoteResponse>), (StatusCode, String)> {
    let response = peer.store(&vote).await.map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error))?;
    Ok((StatusCode::ACCEPTED, Json(response)))
}

fn address(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}

/// One thread, like the edge.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = redis::Client::open(format!("redis://{}", address("REDIS_ADDR")?))?;
    let peer = Peer { redis: client.get_multiplexed_async_connection().await? };
    let grpc = Server::builder()
        .add_service(VoteServiceServer::new(peer.clone()))
        .serve(address("GRPC_ADDR")?.parse()?);
    let listener = tokio::net::TcpListener::bind(address("HTTP_ADDR")?).await?;
    let app = Router::new().route("/v1/votes", post(cast_vote)).with_state(peer);
    let http = async { axum::serve(listener, app).await };
    tokio::select! { result = grpc => result?, result = http => result? }
    Ok(())
}
