use super::*;

const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";
const BYTES: (&str, &str) = ("content-type", "application/octet-stream");

impl Fixture {
    async fn upload(&self, body: impl AsRef<[u8]>) -> Answer {
        let response = self.request("POST", "/api/backups/upload", &[BYTES], Some(body.as_ref())).await;
        self.answer(&response)
    }

    /// Every name in the directory of backups.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path().join("backups")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_out_and_comes_back_as_it_was() {
    let fixture = Fixture::new();
    fixture.collection("docs", 500).await;
    let (before, id) = (fixture.records("docs").await, fixture.backup("x").await);
    let file = std::fs::read(fixture.file(&id)).unwrap();
    let download = format!("/api/backups/{id}/download");
    let response = fixture.request("GET", &download, &[], None).await;
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, file.as_slice()));
    let headers = response.headers();
    assert_eq!(headers["content-disposition"], format!("attachment; filename=\"{id}.backup\""));
    assert_eq!(headers["content-length"], file.len().to_string());
    assert_eq!(
        (&headers["accept-ranges"], &headers["content-type"]),
        (&"bytes".parse().unwrap(), &"application/json".parse().unwrap())
    );

    let twice = fixture.upload(&file).await;
    assert_eq!(twice.error(), (409, "backup_already_exists"));
    assert_eq!(twice.body["details"]["backup_id"], id);
    let shown = fixture.get(&format!("/backups/{id}")).await.body;
    fixture.delete(&format!("/backups/{id}")).await;
    fixture.delete("/collections/docs").await;
    let uploaded = fixture.upload(&file).await;
    assert_eq!((uploaded.status, &uploaded.body), (201, &shown), "{}", uploaded.body);
    assert_eq!(uploaded.headers["location"], format!("/api/backups/{id}"));
    assert_eq!(std::fs::read(fixture.file(&id)).unwrap(), file);
    assert_eq!(fixture.get("/backups").await.body["backups"][0]["id"], id);
    fixture.post("/backups/restore", json!({"backup_id": id})).await;
    assert_eq!(fixture.records("docs").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_resumed_only_while_it_is_the_same_file() {
    let fixture = Fixture::new();
    fixture.collection("docs", 50).await;
    let id = fixture.backup("x").await;
    let file = std::fs::read(fixture.file(&id)).unwrap();
    let download = format!("/backups/{id}/download");
    let get = async |headers: &[(&str, &str)]| fixture.request("GET", &download, headers, None).await;
    let etag = get(&[]).await.headers()["etag"].to_str().unwrap().to_owned();
    assert!(etag.starts_with('"'), "a strong one: {etag}");

    let part = get(&[("range", "bytes=5-9")]).await;
    assert_eq!((part.status().as_u16(), part.body().as_ref()), (206, &file[5..10]));
    assert_eq!(part.headers()["content-range"], format!("bytes 5-9/{}", file.len()));
    assert_eq!(part.headers()["content-length"], "5");
    assert_eq!(part.headers()["etag"], etag);
    let rest = get(&[("range", "bytes=5-"), ("if-range", &etag)]).await;
    assert_eq!((rest.status().as_u16(), rest.body().as_ref()), (206, &file[5..]));
    let past = get(&[("range", &format!("bytes={}-", file.len()))]).await;
    assert_eq!(past.status(), 416);
    assert_eq!(past.headers()["content-range"], format!("bytes */{}", file.len()));
    let known = get(&[("if-none-match", &etag)]).await;
    assert_eq!((known.status().as_u16(), known.body().len()), (304, 0));
    assert_eq!(known.headers()["etag"], etag);

    let head = fixture.request("HEAD", &download, &[("range", "bytes=5-9")], None).await;
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    assert_eq!(head.headers()["content-length"], file.len().to_string());

    std::fs::write(fixture.file(&id), [&file[..], b"\n"].concat()).unwrap();
    let changed = get(&[("range", "bytes=5-"), ("if-range", &etag)]).await;
    assert_eq!((changed.status().as_u16(), changed.body().len()), (200, file.len() + 1));
    assert_ne!(changed.headers()["etag"], etag);
    assert_eq!(fixture.get(&format!("/backups/{UNKNOWN}/download")).await.error(), (404, "backup_not_found"));
    assert_eq!(fixture.get("/backups/%2e%2e%2fx/download").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_backup_is_refused_with_the_place_and_leaves_nothing() {
    let fixture = Fixture::with(|config| config.limits.upload_bytes = 100_000, |vault| vault);
    fixture.collection("docs", 50).await;
    let id = fixture.backup("x").await;
    let file = std::fs::read(fixture.file(&id)).unwrap();
    fixture.delete(&format!("/backups/{id}")).await;
    let mut flipped = file.clone();
    flipped[file.len() / 2] ^= 1;
    let foreign = format!(
        r#"{{"id":"{UNKNOWN}","name":"a","date":"2024-01-15T10:30:00Z","collections":["c"],"size":1,"data":{{"c":{{"dimension":1,"metric":"cosine","vectors":[{{"id":"a","vector":[1,2]}}]}}}}}}"#
    );
    for bad in [&file[..file.len() - 1], &file[..file.len() / 2], &flipped, foreign.as_bytes(), b"{}", b""] {
        let refused = fixture.upload(bad).await;
        assert_eq!(refused.error(), (422, "backup_damaged"), "{}", refused.body);
        assert!(refused.body["details"]["offset"].is_u64(), "{}", refused.body);
        assert!(refused.body["details"]["path"].is_string(), "{}", refused.body);
    }
    let refused = fixture.upload(&foreign).await;
    assert_eq!(refused.body["details"]["path"], "data.c.vectors[0].vector");
    assert_eq!(fixture.upload(vec![b' '; 100_001]).await.error(), (413, "payload_too_large"));
    let form = [("content-type", "multipart/form-data; boundary=x")];
    assert_eq!(fixture.request("POST", "/backups/upload", &form, Some(&file)).await.status(), 415);
    assert_eq!(fixture.files(), [""; 0]);
    assert_eq!(fixture.upload(foreign.replace("[1,2]", "[1]")).await.status, 201, "another writer's");
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_beyond_the_limit_are_told_to_come_back() {
    let fixture = Fixture::with(|config| config.limits.transfers = 1, |vault| vault);
    let id = fixture.backup("x").await;
    let place = fixture.context.transfers.clone().try_acquire_owned().unwrap();
    for refused in [fixture.upload("{}").await, fixture.get(&format!("/backups/{id}/download")).await] {
        assert_eq!(refused.error(), (429, "queue_full"));
        assert!(refused.headers.contains_key("retry-after"));
    }
    drop(place);
    for _ in 0..3 {
        assert_eq!(fixture.request("GET", &format!("/backups/{id}/download"), &[], None).await.status(), 200);
        assert_eq!(fixture.upload("{}").await.status, 422);
    }
}
