//! Calls a server, and prints "ok" or "not ok" and a name for each thing that it does there.
//!
//! Usage: client URL, as http://127.0.0.1:50051

use std::collections::BTreeMap;
use std::error::Error;

use prost_types::Timestamp;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use api::factify::api::v1beta::document_service_client::DocumentServiceClient;
use api::factify::api::v1beta::{
    AccessLevel, CreateDocumentRequest, Document, ListDocumentsRequest, TimestampFilter,
};
use api::gitpod::v1::project_service_client::ProjectServiceClient;
use api::gitpod::v1::{GetProjectRequest, ListProjectsRequest, PaginationRequest};

mod api {
    include!(concat!(env!("OUT_DIR"), "/api.rs"));
}

const TOKEN: &str = "Bearer triptych-admin-token";
const SEEDED: [&str; 3] = ["Analytical Engine", "Handbook", "Nightly builds"];
const REPEATS: usize = 1000; // more than HTTP/2 sends before the server lets it go on

type Outcome = Result<(), Box<dyn Error>>;

#[derive(Clone)]
struct WithToken(MetadataValue<Ascii>);

impl tonic::service::Interceptor for WithToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

type Authorized = InterceptedService<Channel, WithToken>;

struct Client {
    projects: ProjectServiceClient<Authorized>,
    documents: DocumentServiceClient<Authorized>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let url = std::env::args().nth(1).ok_or("which URL?")?;
    let channel = Channel::from_shared(url)?.connect().await?;
    let token = WithToken(TOKEN.parse()?);
    let mut client = Client {
        projects: ProjectServiceClient::with_interceptor(channel.clone(), token.clone()),
        documents: DocumentServiceClient::with_interceptor(channel, token),
    };
    report("pages", client.pages().await);
    report("details of an error", client.details().await);
    report("bytes", client.bytes().await);
    report("nanoseconds of an instant", client.nanoseconds().await);
    Ok(())
}

fn report(name: &str, outcome: Outcome) {
    match outcome {
        Ok(()) => println!("ok - {name}"),
        Err(error) => println!("not ok - {name}: {error}"),
    }
}

fn check(holds: bool, seen: impl std::fmt::Debug) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(format!("{seen:?}").into())
    }
}

impl Client {
    /// Lists all projects, two a page.
    async fn pages(&mut self) -> Outcome {
        let mut names = BTreeMap::new();
        let mut token = String::new();
        loop {
            let request = ListProjectsRequest {
                pagination: Some(PaginationRequest {
                    token,
                    page_size: 2,
                }),
                ..Default::default()
            };
            let page = self.projects.list_projects(request).await?.into_inner();
            check(page.projects.len() <= 2, &page)?;
            for project in page.projects {
                let name = project.metadata.unwrap_or_default().name;
                check(names.insert(project.id, name).is_none(), "a project twice")?;
            }
            token = page.pagination.unwrap_or_default().next_token;
            if token.is_empty() {
                break;
            }
        }
        check(
            SEEDED
                .iter()
                .all(|seeded| names.values().any(|name| name == seeded)),
            names,
        )
    }

    /// Reads the field and the reason of an error: `grpc-status-details-bin` holds a google.rpc.Status.
    async fn details(&mut self) -> Outcome {
        let request = GetProjectRequest {
            project_id: "engine".into(),
        };
        let status = self
            .projects
            .get_project(request)
            .await
            .err()
            .ok_or("it was not refused")?;
        check(status.code() == Code::InvalidArgument, &status)?;
        let details = status.get_error_details();
        let bad = details.bad_request().ok_or("no BadRequest")?;
        let info = details.error_info().ok_or("no ErrorInfo")?;
        check(bad.field_violations[0].field == "project_id", bad)?;
        check(info.reason == "INVALID_ID_FORMAT", info)
    }

    /// Sends every byte there is, more than fits a frame.
    async fn bytes(&mut self) -> Outcome {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let document = self.create("bytes from Rust", all.repeat(REPEATS)).await?;
        check(document.access_level() == AccessLevel::Private, &document)?;
        check(document.source_format == "pdf", &document)
    }

    /// Finds a document by the instant of its creation, and not by the nanosecond after it.
    async fn nanoseconds(&mut self) -> Outcome {
        let document = self.create("an instant from Rust", Vec::new()).await?;
        let created = document.created_at.ok_or("no created_at")?;
        let next = Timestamp {
            nanos: created.nanos + 1,
            ..created
        };
        check(self.listed(created, &document.id).await?, created)?;
        check(!self.listed(next, &document.id).await?, next)
    }

    async fn create(&mut self, title: &str, content: Vec<u8>) -> Result<Document, Box<dyn Error>> {
        let request = CreateDocumentRequest {
            title: title.into(),
            payload: [b"%PDF-1.7\n".to_vec(), content].concat(),
            access_level: Some(AccessLevel::Private.into()),
            ..Default::default()
        };
        Ok(self
            .documents
            .create_document(request)
            .await?
            .into_inner()
            .document
            .ok_or("no document")?)
    }

    async fn listed(&mut self, after: Timestamp, id: &str) -> Result<bool, Box<dyn Error>> {
        let request = ListDocumentsRequest {
            created: Some(TimestampFilter {
                after: Some(after),
                before: None,
            }),
            ..Default::default()
        };
        let items = self
            .documents
            .list_documents(request)
            .await?
            .into_inner()
            .items;
        Ok(items.iter().any(|item| item.id == id))
    }
}
