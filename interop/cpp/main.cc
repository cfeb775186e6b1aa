// Calls a server, and prints "ok" or "not ok" and a name for each thing that it does there.
//
// Usage: client ADDRESS, as 127.0.0.1:50051

#include <algorithm>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <google/protobuf/timestamp.pb.h>
#include <grpcpp/grpcpp.h>

#include "factify/api/v1beta/document_service.grpc.pb.h"
#include "gitpod/v1/project_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace {

namespace documents = factify::api::v1beta;
namespace projects = gitpod::v1;
using google::protobuf::Timestamp;

constexpr char kToken[] = "Bearer triptych-admin-token";
constexpr const char* kSeeded[] = {"Analytical Engine", "Handbook", "Nightly builds"};
constexpr int kRepeats = 1000;  // more than HTTP/2 sends before the server lets it go on

void Check(bool holds, const std::string& seen) {
  if (!holds) throw std::runtime_error(seen);
}

// Without details a status is empty, which is no error.
template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status told;
  Check(told.ParseFromString(status.error_details()), "the details are no google.rpc.Status");
  for (const auto& any : told.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : projects_(projects::ProjectService::NewStub(channel)),
        documents_(documents::DocumentService::NewStub(channel)) {}

  // Lists all projects, two a page.
  void Pages() {
    std::map<std::string, std::string> names;
    projects::ListProjectsRequest request;
    request.mutable_pagination()->set_page_size(2);
    do {
      projects::ListProjectsResponse page;
      Must(Call(&projects::ProjectService::Stub::ListProjects, *projects_, request, &page));
      Check(page.projects_size() <= 2, page.ShortDebugString());
      for (const auto& project : page.projects()) {
        Check(names.emplace(project.id(), project.metadata().name()).second, "a project twice");
      }
      request.mutable_pagination()->set_token(page.pagination().next_token());
    } while (!request.pagination().token().empty());
    for (const std::string seeded : kSeeded) {
      bool listed = std::any_of(names.begin(), names.end(), [&](const auto& each) { return each.second == seeded; });
      Check(listed, seeded);
    }
  }

  // Reads the field and the reason of an error: grpc-status-details-bin holds a google.rpc.Status.
  void Details() {
    projects::GetProjectRequest request;
    request.set_project_id("engine");
    projects::GetProjectResponse response;
    grpc::Status status = Call(&projects::ProjectService::Stub::GetProject, *projects_, request, &response);
    Check(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT, status.error_message());
    auto bad = DetailOf<google::rpc::BadRequest>(status);
    auto info = DetailOf<google::rpc::ErrorInfo>(status);
    Check(bad && bad->field_violations(0).field() == "project_id", "no BadRequest of project_id");
    Check(info && info->reason() == "INVALID_ID_FORMAT", "no ErrorInfo of INVALID_ID_FORMAT");
  }

  // Sends every byte there is, more than fits a frame.
  void Bytes() {
    std::string content;
    for (int number = 0; number < kRepeats * 256; ++number) content.push_back(static_cast<char>(number));
    documents::Document document = Create("bytes from C++", content);
    Check(document.source_format() == "pdf", document.ShortDebugString());
    Check(document.access_level() == documents::ACCESS_LEVEL_PRIVATE, document.ShortDebugString());
  }

  // Finds a document by the instant of its creation, and not by the nanosecond after it.
  void Nanoseconds() {
    documents::Document document = Create("an instant from C++", "");
    Timestamp created = document.created_at(), next = created;
    next.set_nanos(created.nanos() + 1);
    Check(Listed(created, document.id()), created.ShortDebugString());
    Check(!Listed(next, document.id()), next.ShortDebugString());
  }

 private:
  template <typename Stub, typename Request, typename Response>
  static grpc::Status Call(grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*), Stub& stub,
                           const Request& request, Response* response) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", kToken);
    return (stub.*rpc)(&context, request, response);
  }

  static void Must(const grpc::Status& status) { Check(status.ok(), status.error_message()); }

  documents::Document Create(const std::string& title, const std::string& content) {
    documents::CreateDocumentRequest request;
    request.set_title(title);
    request.set_payload("%PDF-1.7\n" + content);
    request.set_access_level(documents::ACCESS_LEVEL_PRIVATE);
    documents::CreateDocumentResponse response;
    Must(Call(&documents::DocumentService::Stub::CreateDocument, *documents_, request, &response));
    return response.document();
  }

  bool Listed(const Timestamp& after, const std::string& id) {
    documents::ListDocumentsRequest request;
    *request.mutable_created()->mutable_after() = after;
    documents::ListDocumentsResponse response;
    Must(Call(&documents::DocumentService::Stub::ListDocuments, *documents_, request, &response));
    return std::any_of(response.items().begin(), response.items().end(),
                       [&](const auto& item) { return item.id() == id; });
  }

  std::unique_ptr<projects::ProjectService::Stub> projects_;
  std::unique_ptr<documents::DocumentService::Stub> documents_;
};

void Report(const std::string& name, const std::function<void()>& scenario) {
  try {
    scenario();
    std::cout << "ok - " << name << std::endl;
  } catch (const std::exception& error) {
    std::cout << "not ok - " << name << ": " << error.what() << std::endl;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  Client client(grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials()));
  Report("pages", [&] { client.Pages(); });
  Report("details of an error", [&] { client.Details(); });
  Report("bytes", [&] { client.Bytes(); });
  Report("nanoseconds of an instant", [&] { client.Nanoseconds(); });
}
