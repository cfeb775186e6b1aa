package interop

import com.connectrpc.Code
import com.connectrpc.ConnectException
import com.connectrpc.ProtocolClientConfig
import com.connectrpc.extensions.GoogleJavaProtobufStrategy
import com.connectrpc.getOrThrow
import com.connectrpc.impl.ProtocolClient
import com.connectrpc.okhttp.ConnectOkHttpClient
import com.connectrpc.protocols.GETConfiguration
import com.connectrpc.protocols.NetworkProtocol
import com.factify.api.v1beta.AccessLevel
import com.factify.api.v1beta.Document
import com.factify.api.v1beta.DocumentServiceClient
import com.factify.api.v1beta.createDocumentRequest
import com.factify.api.v1beta.listDocumentsRequest
import com.factify.api.v1beta.timestampFilter
import com.gitpod.v1.ProjectServiceClient
import com.gitpod.v1.getProjectRequest
import com.gitpod.v1.listProjectsRequest
import com.gitpod.v1.paginationRequest
import com.google.protobuf.ByteString
import com.google.protobuf.Timestamp
import com.google.protobuf.kotlin.toByteString
import com.google.rpc.BadRequest
import com.google.rpc.ErrorInfo
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okhttp3.Protocol

private val HEADERS = mapOf("authorization" to listOf("Bearer triptych-admin-token"))
private val SEEDED = listOf("Analytical Engine", "Handbook", "Nightly builds")
private const val REPEATS = 1000 // more than HTTP/2 sends before the server lets it go on

/** Calls a server, and prints "ok" or "not ok" and a name for each thing that it does there, by each protocol. */
fun main(arguments: Array<String>) = runBlocking {
    val (http, grpc) = arguments
    val overHttp1 = OkHttpClient()
    // Without TLS nothing else tells OkHttp that the port speaks HTTP/2.
    val overHttp2 = OkHttpClient.Builder().protocols(listOf(Protocol.H2_PRIOR_KNOWLEDGE)).build()
    runAll("Connect", Calls(overHttp1, http, NetworkProtocol.CONNECT))
    runAll("gRPC-Web", Calls(overHttp1, http, NetworkProtocol.GRPC_WEB))
    runAll("gRPC", Calls(overHttp2, grpc, NetworkProtocol.GRPC))
    for (client in listOf(overHttp1, overHttp2)) {
        client.dispatcher.executorService.shutdown()
        client.connectionPool.evictAll()
    }
}

private suspend fun runAll(protocol: String, calls: Calls) {
    report("$protocol: pages") { calls.pages() }
    report("$protocol: details of an error") { calls.details() }
    report("$protocol: bytes") { calls.bytes() }
    report("$protocol: nanoseconds of an instant") { calls.nanoseconds() }
}

private suspend fun report(name: String, scenario: suspend () -> Unit) {
    try {
        scenario()
        println("ok - $name")
    } catch (error: Exception) {
        println("not ok - $name: $error")
    }
}

private class Calls(client: OkHttpClient, url: String, protocol: NetworkProtocol) {
    private val connection = ProtocolClient(
        ConnectOkHttpClient(client),
        ProtocolClientConfig(
            host = url,
            serializationStrategy = GoogleJavaProtobufStrategy(),
            networkProtocol = protocol,
            getConfiguration = GETConfiguration.Enabled,
        ),
    )
    private val projects = ProjectServiceClient(connection)
    private val documents = DocumentServiceClient(connection)

    /** Lists all projects, two a page. */
    suspend fun pages() {
        val names = mutableMapOf<String, String>()
        var next = ""
        do {
            val request = listProjectsRequest {
                pagination = paginationRequest {
                    pageSize = 2
                    token = next
                }
            }
            val page = projects.listProjects(request, HEADERS).getOrThrow()
            check(page.projectsCount <= 2) { page }
            for (project in page.projectsList) {
                check(names.put(project.id, project.metadata.name) == null) { "${project.id} twice" }
            }
            next = page.pagination.nextToken
        } while (next.isNotEmpty())
        check(names.values.containsAll(SEEDED)) { names }
    }

    /** Reads the field and the reason of an error. */
    suspend fun details() {
        val request = getProjectRequest { projectId = "engine" }
        val error = projects.getProject(request, HEADERS).failure { it.cause }
        check(error is ConnectException) { "it was not refused" }
        check(error.code == Code.INVALID_ARGUMENT) { error }
        val fields = error.unpackedDetails(BadRequest::class).flatMap { it.fieldViolationsList }.map { it.field }
        val reasons = error.unpackedDetails(ErrorInfo::class).map { it.reason }
        check(fields == listOf("project_id")) { fields }
        check(reasons == listOf("INVALID_ID_FORMAT")) { reasons }
    }

    /** Sends every byte there is, more than fits a frame. */
    suspend fun bytes() {
        val document = create("bytes from Kotlin", ByteArray(REPEATS * 256) { it.toByte() })
        check(document.sourceFormat == "pdf") { document }
        check(document.accessLevel == AccessLevel.ACCESS_LEVEL_PRIVATE) { document }
    }

    /** Finds a document by the instant of its creation, and not by the nanosecond after it. */
    suspend fun nanoseconds() {
        val document = create("an instant from Kotlin", byteArrayOf())
        val created = document.createdAt
        val next = created.toBuilder().setNanos(created.nanos + 1).build()
        check(listed(created, document.id)) { created }
        check(!listed(next, document.id)) { next }
    }

    private suspend fun create(name: String, content: ByteArray): Document {
        val request = createDocumentRequest {
            title = name
            payload = ByteString.copyFromUtf8("%PDF-1.7\n").concat(content.toByteString())
            accessLevel = AccessLevel.ACCESS_LEVEL_PRIVATE
        }
        return documents.createDocument(request, HEADERS).getOrThrow().document
    }

    private suspend fun listed(earliest: Timestamp, id: String): Boolean {
        val request = listDocumentsRequest { created = timestampFilter { after = earliest } }
        return documents.listDocuments(request, HEADERS).getOrThrow().itemsList.any { it.id == id }
    }
}
