import com.github.spskit.sps.ApiClient;
import com.github.spskit.sps.ApiException;
import com.github.spskit.sps.api.AuthenticationApi;
import com.github.spskit.sps.api.SessionsApi;
import com.github.spskit.sps.api.SessionsApi.APIListSessionChannelsRequest;
import com.github.spskit.sps.api.SessionsApi.APIListSessionsRequest;
import com.github.spskit.sps.api.TrailApi;
import com.github.spskit.sps.api.TrailApi.APIDownloadTrailRequest;
import com.github.spskit.sps.api.TransactionApi;
import com.github.spskit.sps.api.VncApi;
import com.github.spskit.sps.model.ChangeReplace;
import com.github.spskit.sps.model.Cleanup;
import com.github.spskit.sps.model.CommitStatus;
import com.github.spskit.sps.model.ErrorDocument;
import com.github.spskit.sps.model.ErrorType;
import com.github.spskit.sps.model.ForwardChannel;
import com.github.spskit.sps.model.ForwardChannelType;
import com.github.spskit.sps.model.Protocol;
import com.github.spskit.sps.model.SessionProperties;
import com.github.spskit.sps.model.SessionVerdict;
import com.github.spskit.sps.model.TransactionCommit;
import com.github.spskit.sps.model.TransactionStatus;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Walks through the API with the generated client, and fails on whatever is not as it should be. */
public final class SdkTest {
    private static final String KEY = "rUhhQZ3jYsY1NDWYp9DEpq";

    private final ApiClient client;
    private final SessionsApi sessions;
    private final TransactionApi transaction;

    private SdkTest(ApiClient client) {
        this.client = client;
        sessions = new SessionsApi(client);
        transaction = new TransactionApi(client);
    }

    public static void main(String[] args) throws Exception {
        var client = new ApiClient();
        client.updateBaseUri(environment("SPS_URL"));
        // The cookie that a login answers with goes along with every request after it.
        client.setHttpClientBuilder(HttpClient.newBuilder()
                .sslContext(trusting(Path.of(environment("SPS_CA"))))
                .cookieHandler(new CookieManager()));
        var test = new SdkTest(client);
        test.login(environment("SPS_USER"), environment("SPS_PASSWORD"));
        test.search();
        test.readOne();
        test.download(Path.of(environment("SPS_TRAIL")));
        test.change();
        test.recogniseErrors();
        test.logout();
    }

    private void login(String user, String password) throws ApiException {
        var credentials = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        var login = new AuthenticationApi(client)
                .createLogin(null, null, null, Map.of("Authorization", "Basic " + credentials));
        System.out.printf("logged in for %d s%n", login.getMeta().getRemainingSeconds());
    }

    private void search() throws ApiException {
        var found = new HashSet<String>();
        int pages = 0;
        for (int offset = 0; ; ) {
            var page = sessions.listSessions(APIListSessionsRequest.newBuilder()
                    .q("protocol:SSH").fields("protocol,start_time").limit(8).offset(offset).build());
            for (var item : page.getItems()) {
                same(Protocol.SSH, item.getBody().getProtocol());
                found.add(item.getKey());
            }
            pages++;
            offset += page.getItems().size();
            if (page.getMeta().getNext() == null) {
                same(page.getMeta().getMatchCount(), found.size());
                break;
            }
        }
        same(true, pages > 1);
        System.out.printf("found %d sessions on %d pages%n", found.size(), pages);
    }

    private void readOne() throws Exception {
        var session = sessions.getSession(KEY).getBody();
        same(Protocol.SSH, session.getProtocol());
        same(SessionVerdict.ACCEPT, session.getVerdict());
        same("10.20.30.40", session.getClient().getIp());
        same(59125, session.getClient().getPort());
        same(Instant.parse("2018-09-15T10:53:00Z"), session.getStartTime().toInstant());
        same(null, session.getRecording().getAuditTrail().getArchive());
        System.out.printf("read the %s session of %s%n", session.getProtocol(), session.getUser().getName());

        // The type of a channel says which members it has.
        var channels = sessions.listSessionChannels(APIListSessionChannelsRequest.newBuilder().key("1").build()).getItems();
        var ports = channels.stream()
                .map(item -> item.getBody().getActualInstance())
                .filter(ForwardChannel.class::isInstance)
                .map(ForwardChannel.class::cast)
                .filter(channel -> channel.getType() == ForwardChannelType.REMOTE_FORWARD)
                .map(ForwardChannel::getConnectedPort)
                .toList();
        same(List.of(9898), ports);
        System.out.printf("read %d channels%n", channels.size());

        // A newer version may know a protocol that this client doesn't.
        var newer = client.getObjectMapper().readValue("{\"protocol\":\"SPICE\",\"x\":1}", SessionProperties.class);
        same(Protocol.UNKNOWN_DEFAULT_OPEN_API, newer.getProtocol());
    }

    private void download(Path file) throws Exception {
        // The client streams the trail into a temporary file.
        var answer = new TrailApi(client).downloadTrailWithHttpInfo(APIDownloadTrailRequest.newBuilder().key(KEY).build());
        Files.move(answer.getData().toPath(), file, StandardCopyOption.REPLACE_EXISTING);
        same(Long.parseLong(answer.getHeaders().get("content-length").get(0)), Files.size(file));
        System.out.printf("downloaded a trail of %d bytes%n", Files.size(file));
    }

    private void change() throws ApiException {
        var vnc = new VncApi(client);
        transaction.openTransaction(Map.of());
        var options = vnc.getVncOptions().getBody();
        options.getAudit().getTimestamping().getTimestampingLocal().setSigningInterval(60);
        options.getAudit().setCleanup(new Cleanup().enabled(true).channelDatabaseCleanupDays(90));
        options.getService().setLogLevel(6);
        vnc.replaceVncOptions(options);

        var pending = transaction.listTransactionChanges().getChanges();
        var level = pending.stream()
                .map(change -> change.getActualInstance())
                .filter(change -> change instanceof ChangeReplace r && r.getPath().endsWith("#service/log_level"))
                .map(ChangeReplace.class::cast)
                .findFirst().orElseThrow();
        same(6, level.getNewValue());

        transaction.commitTransaction(new TransactionCommit().status(CommitStatus.COMMIT));
        same(options, vnc.getVncOptions().getBody());
        same(TransactionStatus.CLOSED, transaction.getTransaction().getBody().getStatus());
        System.out.printf("committed %d changes of the VNC options%n", pending.size());
    }

    private void recogniseErrors() throws Exception {
        var missing = errorOf(404, () -> sessions.getSession("nothing"));
        same(ErrorType.NOT_FOUND, missing.getError().getType());
        same("/api/audit/sessions/nothing", missing.getError().getDetails().getPath());
        var bad = errorOf(400, () -> sessions.listSessions(APIListSessionsRequest.newBuilder().q("protocol:(SSH").build()));
        same(ErrorType.INVALID_QUERY, bad.getError().getType());
        same(13, bad.getError().getDetails().getPosition());
        System.out.printf("recognised %s and %s, which expected %s%n", missing.getError().getType(),
                bad.getError().getType(), bad.getError().getDetails().getExpected());
    }

    private void logout() throws Exception {
        new AuthenticationApi(client).deleteLogin();
        same(ErrorType.UNAUTHENTICATED, errorOf(401, transaction::getTransaction).getError().getType());
        System.out.println("logged out");
    }

    private interface Call {
        Object make() throws ApiException;
    }

    private ErrorDocument errorOf(int status, Call call) throws Exception {
        try {
            call.make();
        } catch (ApiException e) {
            same(status, e.getCode());
            return client.getObjectMapper().readValue(e.getResponseBody(), ErrorDocument.class);
        }
        throw new AssertionError("no error, want " + status);
    }

    private static SSLContext trusting(Path pem) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var in = Files.newInputStream(pem)) {
            store.setCertificateEntry("sps", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static String environment(String name) {
        return Objects.requireNonNull(System.getenv(name), name + " has to be set");
    }

    private static void same(Object want, Object got) {
        if (!Objects.equals(want, got)) {
            throw new AssertionError("got " + got + ", want " + want);
        }
    }
}
