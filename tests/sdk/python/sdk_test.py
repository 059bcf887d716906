"""Walks through the API with the generated client, and fails on whatever is not as it should be."""

import os
import ssl
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from sps_client import AuthenticatedClient, Client
from sps_client.api.authentication import create_login, delete_login
from sps_client.api.sessions import get_session, list_session_channels, list_sessions
from sps_client.api.trail import download_trail
from sps_client.api.transaction import commit_transaction, get_transaction, list_transaction_changes, open_transaction
from sps_client.api.vnc import get_vnc_options, replace_vnc_options
from sps_client.models import (
    AuditSettings,
    ChangeReplace,
    ChannelList,
    Cleanup,
    CommitStatus,
    ErrorDocument,
    ErrorType,
    ForwardChannel,
    ForwardChannelType,
    MetaDocument,
    Protocol,
    ProtocolOptionsDocument,
    SessionDocument,
    SessionList,
    SessionProperties,
    SessionVerdict,
    TimestampingLocal,
    TransactionBody,
    TransactionChanges,
    TransactionCommit,
    TransactionDocument,
    TransactionOpening,
    TransactionStatus,
)

KEY = "rUhhQZ3jYsY1NDWYp9DEpq"


def main() -> None:
    client = login(os.environ["SPS_USER"], os.environ["SPS_PASSWORD"])
    search(client)
    read_one(client)
    download(client, Path(os.environ["SPS_TRAIL"]))
    change(client)
    recognise_errors(client)

    assert isinstance(delete_login.sync(client=client), MetaDocument)
    assert error_of(get_transaction.sync(client=client)).error.type_ is ErrorType.UNAUTHENTICATED
    print("logged out")


def login(user: str, password: str) -> Client:
    """Logs in with one client, and returns another that has nothing but the cookie."""
    url = os.environ["SPS_URL"]
    context = ssl.create_default_context(cafile=os.environ["SPS_CA"])
    credentials = b64encode(f"{user}:{password}".encode()).decode()
    with AuthenticatedClient(url, token=credentials, prefix="Basic", verify_ssl=context) as client:
        done = create_login.sync(client=client)
        assert isinstance(done, MetaDocument), done
        print(f"logged in for {done.meta.remaining_seconds} s")
        cookie = client.get_httpx_client().cookies["session_id"]
    return Client(url, verify_ssl=context, cookies={"session_id": cookie})


def search(client: Client) -> None:
    found: set[str] = set()
    pages = offset = 0
    while True:
        page = list_sessions.sync(client=client, q="protocol:SSH", fields="protocol,start_time", limit=8, offset=offset)
        assert isinstance(page, SessionList), page
        for item in page.items:
            assert item.body and item.body.protocol is Protocol.SSH
            found.add(item.key)
        pages += 1
        offset += len(page.items)
        if page.meta.next_ is None:
            assert page.meta.match_count == len(found)
            break
    assert pages > 1
    print(f"found {len(found)} sessions on {pages} pages")


def read_one(client: Client) -> None:
    document = get_session.sync(KEY, client=client)
    assert isinstance(document, SessionDocument), document
    session = document.body
    assert session.protocol is Protocol.SSH and session.verdict is SessionVerdict.ACCEPT
    assert session.client and (session.client.ip, session.client.port) == ("10.20.30.40", 59125)
    assert session.start_time == datetime(2018, 9, 15, 10, 53, tzinfo=UTC)
    assert session.recording and session.recording.audit_trail and session.recording.audit_trail.archive is None
    assert session.user
    print(f"read the {session.protocol} session of {session.user.name}")

    # The type of a channel says which members it has.
    channels = list_session_channels.sync("1", client=client)
    assert isinstance(channels, ChannelList), channels
    forwards = [item.body for item in channels.items if isinstance(item.body, ForwardChannel)]
    assert [f.connected_port for f in forwards if f.type_ is ForwardChannelType.REMOTE_FORWARD] == [9898]
    print(f"read {len(channels.items)} channels")

    # A newer version may know a protocol that this client doesn't.
    newer = {"protocol": "SPICE", "x": 1}
    assert SessionProperties.from_dict(newer).to_dict() == newer


def download(client: Client, file: Path) -> None:
    """A trail can be large, so it goes to the file as it comes; the call that is generated would hold all of it."""
    request = download_trail._get_kwargs(KEY)
    with client.get_httpx_client().stream(**request) as response, file.open("wb") as out:
        response.raise_for_status()
        for chunk in response.iter_bytes():
            out.write(chunk)
    assert file.stat().st_size == int(response.headers["Content-Length"])
    print(f"downloaded a trail of {file.stat().st_size} bytes")


def change(client: Client) -> None:
    """Changes the configuration. Nothing takes effect before the commit."""
    assert isinstance(open_transaction.sync(client=client, body=TransactionOpening()), TransactionDocument)
    before = get_vnc_options.sync(client=client)
    assert isinstance(before, ProtocolOptionsDocument), before
    options = before.body
    assert isinstance(options.audit, AuditSettings) and isinstance(options.audit.timestamping, TimestampingLocal)
    options.audit.timestamping.signing_interval = 60
    options.audit.cleanup = Cleanup(enabled=True, channel_database_cleanup_days=90)
    options.service.log_level = 6
    assert isinstance(replace_vnc_options.sync(client=client, body=options), ProtocolOptionsDocument)

    pending = list_transaction_changes.sync(client=client)
    assert isinstance(pending, TransactionChanges) and isinstance(pending.changes, list), pending
    replaced = {change.path: change.new_value for change in pending.changes if isinstance(change, ChangeReplace)}
    assert replaced["/api/configuration/vnc/options#service/log_level"] == 6

    done = commit_transaction.sync(client=client, body=TransactionCommit(status=CommitStatus.COMMIT))
    assert isinstance(done, TransactionDocument), done
    after = get_vnc_options.sync(client=client)
    assert isinstance(after, ProtocolOptionsDocument) and after.body == options, after
    state = get_transaction.sync(client=client)
    assert isinstance(state, TransactionDocument) and isinstance(state.body, TransactionBody)
    assert state.body.status is TransactionStatus.CLOSED
    print(f"committed {len(pending.changes)} changes of the VNC options")


def recognise_errors(client: Client) -> None:
    missing = error_of(get_session.sync("nothing", client=client)).error
    assert missing.type_ is ErrorType.NOTFOUND
    assert missing.details and missing.details.path == "/api/audit/sessions/nothing"
    bad = error_of(list_sessions.sync(client=client, q="protocol:(SSH")).error
    assert bad.type_ is ErrorType.INVALIDQUERY
    assert bad.details and bad.details.position == 13
    print(f"recognised {missing.type_} and {bad.type_}, which expected {bad.details.expected}")


def error_of(answer: object) -> ErrorDocument:
    assert isinstance(answer, ErrorDocument), answer
    return answer


if __name__ == "__main__":
    main()
