package interop;

import com.factify.api.v1beta.AccessLevel;
import com.factify.api.v1beta.CreateDocumentRequest;
import com.factify.api.v1beta.DocumentServiceGrpc;
import com.factify.api.v1beta.ListDocumentsRequest;
import com.factify.api.v1beta.TimestampFilter;
import com.gitpod.v1.CreateProjectRequest;
import com.gitpod.v1.EnvironmentInitializer;
import com.gitpod.v1.GetAuthenticatedUserRequest;
import com.gitpod.v1.GetProjectRequest;
import com.gitpod.v1.ListProjectsRequest;
import com.gitpod.v1.PaginationRequest;
import com.gitpod.v1.ProjectServiceGrpc;
import com.gitpod.v1.UserServiceGrpc;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Calls a server, and prints "ok" or "not ok" and a name for each scenario. */
public final class Main {
  private static final String TOKEN = "Bearer triptych-admin-token";
  private static final int CALLS = 25;
  private static final int REPEATS = 1000; // more than HTTP/2 sends before the server lets it go on
  private static final ByteString PDF = ByteString.copyFromUtf8("%PDF-1.7\n");

  private final UserServiceGrpc.UserServiceBlockingStub users;
  private final ProjectServiceGrpc.ProjectServiceBlockingStub projects;
  private final DocumentServiceGrpc.DocumentServiceBlockingStub documents;

  private interface Scenario {
    void run() throws Exception;
  }

  private Main(ManagedChannel channel) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), TOKEN);
    ClientInterceptor withToken = MetadataUtils.newAttachHeadersInterceptor(headers);
    users = UserServiceGrpc.newBlockingStub(channel).withInterceptors(withToken);
    projects = ProjectServiceGrpc.newBlockingStub(channel).withInterceptors(withToken);
    documents = DocumentServiceGrpc.newBlockingStub(channel).withInterceptors(withToken);
  }

  public static void main(String[] arguments) throws Exception {
    ManagedChannel channel = OkHttpChannelBuilder.forTarget(arguments[0]).usePlaintext().build();
    try {
      Main main = new Main(channel);
      for (int number = 1; number <= CALLS; number++) {
        report("call " + number + " of a connection", main::anotherCall);
      }
      report("pages", main::pages);
      report("details of an error", main::details);
      report("bytes", main::bytes);
      report("nanoseconds of an instant", main::nanoseconds);
    } finally {
      channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  private static void report(String name, Scenario scenario) {
    try {
      scenario.run();
      System.out.println("ok - " + name);
    } catch (Exception | AssertionError error) {
      System.out.println("not ok - " + name + ": " + error);
    }
  }

  private static void check(boolean holds, Object seen) {
    if (!holds) {
      throw new AssertionError(seen);
    }
  }

  private void anotherCall() {
    var user = users.getAuthenticatedUser(GetAuthenticatedUserRequest.getDefaultInstance()).getUser();
    check(user.getName().equals("Ada Lovelace"), user);
  }

  private void pages() {
    Set<String> made = new HashSet<>();
    for (int number = 0; number < 5; number++) {
      var request = CreateProjectRequest.newBuilder()
          .setName("java pages " + number)
          .setInitializer(EnvironmentInitializer.getDefaultInstance());
      made.add(projects.createProject(request.build()).getProject().getId());
    }
    Set<String> seen = new HashSet<>();
    String token = "";
    do {
      var page = projects.listProjects(ListProjectsRequest.newBuilder()
          .setFilter(ListProjectsRequest.Filter.newBuilder().setSearch("java pages"))
          .setPagination(PaginationRequest.newBuilder().setPageSize(2).setToken(token))
          .build());
      check(page.getProjectsCount() <= 2, page);
      page.getProjectsList().forEach(project -> seen.add(project.getId()));
      token = page.getPagination().getNextToken();
    } while (!token.isEmpty());
    check(seen.containsAll(made), seen);
  }

  private void details() throws Exception {
    try {
      projects.getProject(GetProjectRequest.newBuilder().setProjectId("no uuid").build());
      throw new AssertionError("it was not refused");
    } catch (StatusRuntimeException error) {
      check(error.getStatus().getCode() == Status.Code.INVALID_ARGUMENT, error);
      Set<String> seen = new HashSet<>();
      for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
        if (detail.is(BadRequest.class)) {
          seen.add(detail.unpack(BadRequest.class).getFieldViolations(0).getField());
        } else if (detail.is(ErrorInfo.class)) {
          seen.add(detail.unpack(ErrorInfo.class).getReason());
        }
      }
      check(seen.equals(Set.of("project_id", "INVALID_ID_FORMAT")), seen);
    }
  }

  private void bytes() throws IOException {
    ByteString.Output content = ByteString.newOutput();
    PDF.writeTo(content);
    for (int number = 0; number < REPEATS * 256; number++) {
      content.write(number);
    }
    var request = CreateDocumentRequest.newBuilder()
        .setTitle("from Java")
        .setAccessLevel(AccessLevel.ACCESS_LEVEL_PRIVATE)
        .setPayload(content.toByteString())
        .build();
    var document = documents.createDocument(request).getDocument();
    check(document.getSourceFormat().equals("pdf"), document);
  }

  private void nanoseconds() {
    var request = CreateDocumentRequest.newBuilder().setTitle("an instant").setPayload(PDF);
    Timestamp created = documents.createDocument(request.build()).getDocument().getCreatedAt();
    Timestamp before = created.getNanos() > 0
        ? created.toBuilder().setNanos(created.getNanos() - 1).build()
        : Timestamp.newBuilder().setSeconds(created.getSeconds() - 1).setNanos(999_999_999).build();
    check(listed(created, created) > 0, created);
    check(listed(before, before) == 0, before);
  }

  private int listed(Timestamp after, Timestamp before) {
    var created = TimestampFilter.newBuilder().setAfter(after).setBefore(before);
    return documents.listDocuments(ListDocumentsRequest.newBuilder().setCreated(created).build()).getItemsCount();
  }
}
