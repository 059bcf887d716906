//! Walks through the API with the generated client, and fails on whatever is not as it should be.

#[allow(dead_code, unused_imports)] // it has more than one program needs
#[path = "../generated/sps.rs"]
mod sps;

use anyhow::{Context, Result, bail};
use futures_util::TryStreamExt;
use reqwest::{Certificate, ClientBuilder, cookie::Jar, header};
use sps::types::{
    self, Change, Channel, Cleanup, CommitStatus, ErrorDocument, ForwardChannelType, Timestamping, TransactionCommit,
};
use std::{collections::HashSet, env, sync::Arc};
use tokio::{fs, io::AsyncWriteExt};

const KEY: &str = "rUhhQZ3jYsY1NDWYp9DEpq";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let sps = login(&env::var("SPS_USER")?, &env::var("SPS_PASSWORD")?).await?;
    search(&sps).await?;
    read_one(&sps).await?;
    download(&sps, &env::var("SPS_TRAIL")?).await?;
    change(&sps).await?;
    recognise_errors(&sps).await?;

    sps.delete_login().send().await?;
    assert_eq!(
        kind(sps.get_transaction().send().await)?.error.type_.as_str(),
        "Unauthenticated"
    );
    println!("logged out");
    Ok(())
}

/// Logs in with one client, and returns another that has nothing but the cookie.
async fn login(user: &str, password: &str) -> Result<sps::Client> {
    let url = env::var("SPS_URL")?;
    let ca = Certificate::from_pem(&fs::read(env::var("SPS_CA")?).await?)?;
    let jar = Arc::new(Jar::default());
    let http = || {
        ClientBuilder::new()
            .tls_certs_only([ca.clone()])
            .cookie_provider(jar.clone())
    };

    let basic = reqwest::Client::new()
        .get(&url)
        .basic_auth(user, Some(password))
        .build()?;
    let credentials =
        header::HeaderMap::from_iter([(header::AUTHORIZATION, basic.headers()[header::AUTHORIZATION].clone())]);
    let login = sps::Client::new_with_client(&url, http().default_headers(credentials).build()?)
        .create_login()
        .send()
        .await?;
    println!("logged in for {} s", login.meta.remaining_seconds.unwrap_or_default());
    Ok(sps::Client::new_with_client(&url, http().build()?))
}

async fn search(sps: &sps::Client) -> Result<()> {
    let mut found = HashSet::new();
    let (mut pages, mut offset) = (0, 0);
    loop {
        let request = sps
            .list_sessions()
            .q("protocol:SSH")
            .fields("protocol,start_time")
            .limit(8)
            .offset(offset);
        let page = request.send().await?.into_inner();
        pages += 1;
        offset += page.items.len() as u64;
        for item in page.items {
            assert_eq!(
                item.body.and_then(|body| body.protocol).as_deref().map(String::as_str),
                Some("SSH")
            );
            found.insert(item.key);
        }
        if page.meta.next.is_none() {
            assert_eq!(page.meta.match_count, Some(found.len() as i64));
            break;
        }
    }
    assert!(pages > 1);
    println!("found {} sessions on {pages} pages", found.len());
    Ok(())
}

async fn read_one(sps: &sps::Client) -> Result<()> {
    let session = sps.get_session().key(KEY).send().await?.into_inner().body;
    assert_eq!((session.protocol.as_str(), session.verdict.as_str()), ("SSH", "ACCEPT"));
    let peer = session.client.context("no client")?;
    assert_eq!((peer.ip.as_deref(), peer.port), (Some("10.20.30.40"), Some(59125)));
    assert_eq!(session.start_time.to_string(), "2018-09-15 10:53:00 UTC");
    println!(
        "read the {} session of {}",
        *session.protocol,
        session.user.and_then(|user| user.name).unwrap_or_default()
    );

    // The type of a channel says which members it has.
    let channels = sps.list_session_channels().key("1").send().await?.into_inner().items;
    let ports = channels.iter().filter_map(|item| match &item.body {
        Channel::ForwardChannel(channel) if channel.type_ == ForwardChannelType::RemoteForward => {
            Some(channel.connected_port)
        }
        _ => None,
    });
    assert_eq!(ports.collect::<Vec<_>>(), [9898]);
    println!("read {} channels", channels.len());

    // A newer version may know a protocol that this client doesn't.
    let newer: types::SessionProperties = serde_json::from_str(r#"{"protocol":"SPICE","x":1}"#)?;
    assert_eq!(serde_json::to_value(newer)?["protocol"], "SPICE");
    Ok(())
}

/// A trail can be large, so it goes to the file as it comes.
async fn download(sps: &sps::Client, file: &str) -> Result<()> {
    let trail = sps.download_trail().key(KEY).send().await?;
    let length: u64 = trail.headers()[header::CONTENT_LENGTH].to_str()?.parse()?;
    let mut file = fs::File::create(file).await?;
    let mut chunks = trail.into_inner_stream();
    while let Some(chunk) = chunks.try_next().await? {
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    assert_eq!(file.metadata().await?.len(), length);
    println!("downloaded a trail of {length} bytes");
    Ok(())
}

/// Changes the configuration. Nothing takes effect before the commit.
async fn change(sps: &sps::Client) -> Result<()> {
    sps.open_transaction().body(serde_json::Map::new()).send().await?;
    let mut options = sps.get_vnc_options().send().await?.into_inner().body;
    let audit = options.audit.as_mut().context("the options of a newer version")?;
    let Timestamping::Local(local) = &mut audit.timestamping else {
        bail!("timestamps are not local");
    };
    local.signing_interval = 60.try_into()?;
    audit.cleanup = Cleanup {
        enabled: true,
        channel_database_cleanup_days: 90.try_into().ok(),
    };
    options.service.log_level = Some(6);
    sps.replace_vnc_options().body(options.clone()).send().await?;

    let pending = sps.list_transaction_changes().send().await?.into_inner().changes;
    let level = pending.iter().find_map(|change| match change {
        Change::Replace(change) if change.path.ends_with("#service/log_level") => change.new_value.clone(),
        _ => None,
    });
    assert_eq!(serde_json::to_value(level)?, 6);

    let commit = TransactionCommit::builder().status(CommitStatus::Commit);
    sps.commit_transaction().body(commit).send().await?;
    let after = sps.get_vnc_options().send().await?.into_inner().body;
    assert_eq!(serde_json::to_value(after)?, serde_json::to_value(options)?);
    println!("committed {} changes of the VNC options", pending.len());
    Ok(())
}

async fn recognise_errors(sps: &sps::Client) -> Result<()> {
    let missing = kind(sps.get_session().key("nothing").send().await)?.error;
    assert_eq!(missing.type_.as_str(), "NotFound");
    assert_eq!(
        missing.details.and_then(|d| d.path).as_deref(),
        Some("/api/audit/sessions/nothing")
    );
    let bad = kind(sps.list_sessions().q("protocol:(SSH").send().await)?.error;
    let details = bad.details.context("no details")?;
    assert_eq!((bad.type_.as_str(), details.position), ("InvalidQuery", Some(13)));
    println!(
        "recognised {} and {}, which expected {}",
        *missing.type_,
        *bad.type_,
        details.expected.unwrap_or_default()
    );
    Ok(())
}

/// Returns the document that a failed call brought.
fn kind<T>(outcome: std::result::Result<T, sps::Error<ErrorDocument>>) -> Result<ErrorDocument> {
    match outcome {
        Ok(_) => bail!("no error"),
        Err(sps::Error::ErrorResponse(response)) => Ok(response.into_inner()),
        Err(other) => Err(other.into()),
    }
}
