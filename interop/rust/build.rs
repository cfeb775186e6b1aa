//! Generates the client from the descriptor set, without protoc.

use prost::Message;
use prost_types::FileDescriptorSet;

const SET: &str = "client.binpb";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={SET}");
    let set = FileDescriptorSet::decode(std::fs::read(SET)?.as_slice())?;
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .extern_path(".google.rpc", "::tonic_types::pb")
        .include_file("api.rs")
        .compile_fds(set)?;
    Ok(())
}
